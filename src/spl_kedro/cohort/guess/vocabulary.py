"""Words of headers and cells in the languages of those who fill in tables."""

from __future__ import annotations

import re
from unicodedata import category, normalize

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ı": "i", "đ": "d"})

#: What a header speaks of. A word ends where a header's word ends, but for ``*``; scripts without
#: blanks between words are looked for anywhere.
HEADERS: dict[str, tuple[str, ...]] = {
    "lesion": (
        *("id", "lesion*", "lasion*", "case*", "fall*", "nr", "no", "number", "nummer", "numero"),
        *("image*", "bild*", "file*", "filename", "datei*", "study*", "accession*", "caso*", "cas"),
        *("key", "kod", "编号", "病例", "код", "номер"),
    ),
    "patient": (
        *("patient*", "pat", "pid", "mrn", "subject*", "person*", "proband*", "pacient*"),
        *("paciente*", "paziente*", "hasta*", "患者", "病人", "пациент"),
    ),
    "site": (
        *("site", "centre", "center", "hospital*", "klinik*", "clinic", "zentrum*", "institut*"),
        *("centro*", "hopital", "ospedale", "szpital", "ziekenhuis", "standort", "医院", "中心"),
        *("больница", "центр"),
    ),
    "label": (
        *("label", "class", "klasse", "classe", "clase", "malign*", "benign*", "dignitat*"),
        *("pathology", "target", "gutartig*", "bosartig*", "befund*", "reference standard"),
        *("ground truth", "klassifik*", "classificat*", "良恶性", "性质", "тип"),
    ),
    "spacing": (
        *("spacing*", "pixel size*", "pixelsize*", "pixelgrosse*", "mm per pixel", "pixel mm"),
        *("mm pixel", "mm px", "cm per pixel", "pixel cm", "pixelabstand*", "像素"),
    ),
    "cohort": ("cohort*", "kohorte", "split", "set", "subset", "fold", "partition"),
    "age": (
        *("age", "alter", "edad", "eta", "idade", "wiek", "leeftijd", "yas", "vek", "alder"),
        *("年龄", "年齢", "возраст"),
    ),
    "sex": (
        *("sex", "gender", "geschlecht*", "sexo", "sexe", "sesso", "plec", "geslacht"),
        *("cinsiyet", "pohlavi", "性别", "性別", "пол"),
    ),
    "frame": (
        *("frame", "frame no", "frame nr", "frame number", "frame index", "bildnummer*"),
        *("einzelbild*", "numero de imagen", "帧", "帧号", "кадр"),
    ),
}

#: Columns that no model may see, by what they say and why.
EXCLUDED: dict[str, tuple[str, ...]] = {
    "the diagnosis itself or what it was made from": (
        *("patholog*", "histolog*", "cytolog*", "zytolog*", "diagnos*", "biops*", "carcin*"),
        *("karzin*", "tumour type", "tumor type", "entitat*", "befund*", "malign*", "dignitat*"),
        *("cancer*", "verification", "label", "ground truth", "reference standard", "rozpoznanie"),
        *("esito", "病理", "诊断", "良恶性", "диагноз", "гистолог"),
    ),
    "a reader's own estimate of malignancy": (
        *("birads*", "bi rads*", "tirads*", "ti rads*", "lungrads*", "lung rads*", "rads"),
        *("interpretation*", "suspicion*", "verdacht*", "impression*", "beurteilung*"),
    ),
    "known only after the diagnosis: treatment, stage or course": (
        *("tnm", "stage*", "stadium*", "staging*", "grade", "grading*", "treatment*", "therap*"),
        *("chemo*", "surger*", "operation*", "resection*", "resektion*", "follow*", "nachsorge*"),
        *(
            "outcome*",
            "surviv*",
            "recurren*",
            "rezidiv*",
            "death*",
            "deceased*",
            "tod",
            "verstorben*",
        ),
        *("tratamiento*", "traitement*", "治疗", "лечение"),
    ),
    "it names a person or a day": (
        *("name", "surname", "vorname", "nachname", "first name", "last name", "nombre", "nom"),
        *("apellido*", "cognome", "nazwisko", "birth*", "dob", "geburt*", "date*", "datum", "data"),
        *(
            "fecha*",
            "phone*",
            "telefon*",
            "address*",
            "adresse*",
            "email*",
            "e mail",
            "姓名",
            "日期",
        ),
        *("имя", "фамилия", "дата"),
    ),
    "the machine or who used it, which would be learnt as a shortcut": (
        *("device*", "scanner*", "machine*", "gerat*", "manufacturer*", "hersteller*", "equipo*"),
        *("appareil*", "probe", "transducer*", "schallkopf*", "radiolog*", "reader*", "operator*"),
        *("untersucher*", "设备", "аппарат"),
    ),
}
_FILE_NAMES = ("file*", "image*", "datei*", "bild*", "mask*", "imagen*")

_BENIGN = (
    *("benign*", "bening*", "gutartig*", "goedaardig*", "lagodn*", "nezhoubn*", "godartad*"),
    *("доброкач*", "良性", "양성"),
)
_MALIGNANT = (
    *("malign*", "malin", "maligne*", "bosartig*", "kwaadaardig*", "zlosliw*", "zhoubn*"),
    *("elakartad*", "cancer*", "carcinoma", "злокач*", "恶性", "悪性", "악성"),
)
_LETTERS = {"b": 0, "g": 0, "m": 1}
_NEGATED = ("no", "non", "not", "nicht", "nein", "kein", "keine", "pas", "nie", "не")
_FRENCH = {"benin": 0, "benigne": 0, "malin": 1, "maligne": 1, "iyi huylu": 0, "kotu huylu": 1}

YES = frozenset({"yes", "y", "ja", "j", "oui", "si", "sim", "tak", "true", "1", "да", "是", "pos"})
NO = frozenset({"no", "n", "nein", "non", "nao", "nie", "false", "0", "нет", "否", "neg"})
#: Words for a value that is not known, beside those of conf/study.
MISSING = (
    *("-", "--", "?", ".", "/", "k.a.", "k. a.", "keine angabe", "unbekannt", "desconocido"),
    *(
        "inconnu",
        "sconosciuto",
        "nieznany",
        "not available",
        "not applicable",
        "missing",
        "null",
        "nd",
        "n.d.",
    ),
    *("未知", "неизвестно"),
)


def plain(text: str) -> str:
    """Return a text as words of small letters without accents, a blank between them.

    Examples
    --------
    >>> plain("PatientID"), plain("Größe_(mm)"), plain("Dignität")
    ('patient id', 'grosse mm', 'dignitat')
    """
    apart = normalize("NFD", _CAMEL.sub(" ", text)).casefold().translate(_OTHER_LETTERS)
    letters = "".join(letter for letter in apart if category(letter) != "Mn")
    return " ".join(re.sub(r"[\W_]+", " ", normalize("NFC", letters)).split())


def holds(words: str, wanted: tuple[str, ...]) -> bool:
    """Return whether plain words hold one of those wanted; ``*`` is any end of a word."""
    padded = f" {words} "
    for word in wanted:
        beginning = word.removesuffix("*")
        if not beginning.isascii():
            if beginning in words:
                return True
        elif f" {beginning}{'' if word.endswith('*') else ' '}" in padded:
            return True
    return False


def speaks_of(header: str, what: str) -> bool:
    """Return whether a column's name speaks of one of :data:`HEADERS`."""
    return holds(plain(header), HEADERS[what])


def reason_to_exclude(header: str) -> str | None:
    """Return why no model may see a column of this name; None where nothing is known against it.

    Examples
    --------
    >>> reason_to_exclude("BI-RADS")
    "a reader's own estimate of malignancy"
    >>> reason_to_exclude("File name") is None
    True
    """
    words = plain(header)
    for reason, wanted in EXCLUDED.items():
        if holds(words, wanted) and not (
            reason.startswith("it names") and holds(words, _FILE_NAMES)
        ):
            return reason
    return None


def class_of(word: str) -> int | None:
    """Return 0 for a word that says benign, 1 for malignant, None for any other.

    Examples
    --------
    >>> [class_of(word) for word in ("Gutartig", "bösartig", "not malignant", "normal")]
    [0, 1, 0, None]
    """
    words = plain(word)
    if words in _LETTERS:
        return _LETTERS[words]
    if words in _FRENCH:
        return _FRENCH[words]
    benign, malignant = holds(words, _BENIGN), holds(words, _MALIGNANT)
    if benign == malignant:
        return None
    negated = holds(words, _NEGATED)
    return int(malignant != negated) if malignant else (None if negated else 0)
