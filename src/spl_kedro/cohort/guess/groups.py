"""Whether a variable is known before the image is read, or a reader takes it from the image.

By stated words alone, of the column's name and of its cells. They come from the terms in which
lesions are described: BI-RADS 5 for the breast, and lung ultrasound (pleura, consolidation,
bronchogram, effusion, B-lines). A word that is missing here is no reason for anything: such a
variable is asked back.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from spl_kedro.cohort.guess.vocabulary import holds, plain

READ_FROM_IMAGE, KNOWN_BEFORE = "read_from_image", "known_before"

#: Words of headers that name what a reader sees. ``*`` is any end of a word.
FINDINGS: dict[str, tuple[str, ...]] = {
    "size and place in the image": (
        *("size*", "diameter*", "durchmesser*", "grosse*", "tamano*", "taille*", "dimension*"),
        *(
            "rozmiar*",
            "diametro*",
            "diametre*",
            "width*",
            "length*",
            "breite*",
            "depth*",
            "tiefe*",
            "thickness*",
            "thicken*",
        ),
        *("dicke*", "verdick*", "volume*", "volumen*", "distance*", "abstand*", "angle*"),
        *("winkel*", "angulo*", "orientation*", "orientier*", "parallel*", "lagebezieh*"),
        *("taller*", "wider*", "大小", "直径", "角度", "方位", "размер", "толщин"),
    ),
    "shape and margin": (
        *("shape*", "form", "forma", "forme", "margin*", "rand*", "kontur*", "contour*"),
        *("borde*", "bord", "bords", "boundar*", "begrenz*", "edge*", "spicul*", "spikul*"),
        *("lobul*", "circumscri*", "halo*", "rim*", "capsul*", "kapsel*", "irregular*"),
        *("边缘", "边界", "形状", "形态", "毛刺", "форма", "контур", "кра"),
    ),
    "echo and texture": (
        *(
            "echo*",
            "ecogen*",
            "ecotext*",
            "ecoestr*",
            "hypoech*",
            "hyperech*",
            "isoech*",
            "anech*",
            "schall*",
            "sono*",
        ),
        *("textur*", "homogen*", "heterogen*", "inhomogen*", "composition*"),
        *("binnenecho*", "posterior*", "dorsal*", "shadow*", "enhancement*", "acoustic*"),
        *("calcif*", "kalk*", "calcio*", "cyst*", "zyst*", "septa*", "septum*", "septier*"),
        *("necro*", "nekro*", "cavit*", "kavern*", "liquefac*", "solid*", "回声", "钙化"),
        *("坏死", "эхо", "кальц"),
    ),
    "vessels and stiffness": (
        *("vascular*", "vaskular*", "vessel*", "gefass*", "doppler*", "cdfi", "perfusion*"),
        *(
            "blood flow*",
            "color flow*",
            "colour flow*",
            "durchblut*",
            "ceus*",
            "contrast enhance*",
            "wash out*",
        ),
        *("washout*", "wash in*", "elasto*", "elasticit*", "elastizit*", "stiff*", "strain ratio*"),
        *("shear wave*", "swe", "血流", "弹性", "кровоток"),
    ),
    "surroundings": (
        *("skin thick*", "hautverdick*", "architectur*", "distortion*", "duct chang*", "ductal*"),
        *("duct", "ducts", "edema*", "oedema*", "odem*", "lymph node*", "lymphknoten*"),
        *("tissue*", "drusen*", "parenchym*", "皮肤", "淋巴结"),
    ),
    "lung and pleura": (
        *("pleura*", "effusion*", "erguss*", "derrame*", "epanchement*", "consolidat*"),
        *("konsolid*", "bronchogr*", "air", "luftein*", "b line*", "b lines", "bline*", "b linien"),
        *("comet*", "kometen*", "a line*", "sliding*", "gleit*", "atelecta*", "atelekta*"),
        *(
            "chest wall*",
            "brustwand*",
            "thoraxwand*",
            "rib",
            "ribs",
            "rippe*",
            "invasion*",
            "infiltr*",
        ),
        *("wedge*", "lung point*", "胸膜", "胸腔积液", "实变", "支气管", "плевр", "выпот"),
    ),
}

#: Words of cells with which readers describe a lesion, and which mean little else.
OF_READERS = (
    *("hypoech*", "hyperech*", "isoech*", "anech*", "echoarm*", "echoreich*", "echofrei*"),
    *("echogleich*", "hipoeco*", "hiperecoi*", "hypoecho*", "circumscribed*", "spicul*"),
    *("spikul*", "microlobul*", "mikrolobul*", "lobulated*", "lobuliert*", "indistinct*"),
    *("ill defined*", "well defined*", "unscharf*", "scharf*", "shadowing*", "schallschatten*"),
    *("schallverstark*", "heterogeneous*", "homogeneous*", "inhomogen*", "oval*", "低回声"),
    *("高回声", "无回声", "等回声", "毛刺", "гипоэх", "гиперэх"),
)

#: Words of headers that name what is known whether or not there is an image.
BEFORE = (
    *("age", "alter", "edad", "sex", "gender", "smok*", "rauch*", "raucher*", "pack year*"),
    *("tobac*", "nikotin*", "fuma*", "alcohol*", "alkohol*", "weight*", "gewicht*", "height*"),
    *("bmi", "body mass*", "histor*", "anamnes*", "family*", "famil*", "vorerkrank*"),
    *("comorbid*", "symptom*", "complaint*", "beschwerd*", "sign", "signs", "palpa*", "tastbar*"),
    *("fever*", "fieber*", "temperature*", "cough*", "husten*", "pain*", "schmerz*", "dolor*"),
    *("hemopt*", "haemopt*", "dyspn*", "weight loss*", "gewichtsverlust*", "discharge*"),
    *("menopaus*", "parity*", "gravid*", "pregnan*", "lactat*", "hormon*", "hrt", "medicat*"),
    *("crp", "c reactive*", "leuko*", "leuco*", "wbc", "hemoglobin*", "haemoglobin*", "ldh"),
    *("cea", "nse", "cyfra*", "ca 15*", "ca15*", "marker*", "tumormarker*", "lab", "labor*"),
    *("吸烟", "病史", "症状", "发热", "咳嗽", "курен", "анамнез", "симптом"),
)


class Group(NamedTuple):
    """The group of a variable, and what is unsure about it.

    Attributes
    ----------
    group : str
        As in ``data_processing.clinical``.
    check : str
        Asked of the person who corrects it.
    """

    group: str
    check: str


def group_of(column: str, cells: pd.Series) -> Group:
    """Return whether a column is a reader's description of the image.

    Parameters
    ----------
    column : str
        Its name.
    cells : Series of str
        Its values, none missing.

    Examples
    --------
    >>> group_of("Skin_thickening", pd.Series(["yes", "no"])).group
    'read_from_image'
    >>> group_of("Feature 3", pd.Series(["hypoechoic", "anechoic"])).group
    'read_from_image'
    >>> group_of("CRP mg/l", pd.Series(["3", "5"])).group
    'known_before'
    """
    words = plain(column)
    for theme, wanted in FINDINGS.items():
        if holds(words, wanted):
            doubt = ", or known without it" if holds(words, BEFORE) else ""
            return Group(READ_FROM_IMAGE, f"is it read from the image ({theme}){doubt}?")
    if any(holds(plain(word), OF_READERS) for word in cells.unique()[:50]):
        return Group(READ_FROM_IMAGE, "its cells are a reader's words: is it read from the image?")
    if holds(words, BEFORE):
        return Group(KNOWN_BEFORE, "is it known before the image is read?")
    return Group(
        KNOWN_BEFORE,
        "no known word says so: is it known before the image is read, or read from it?",
    )
