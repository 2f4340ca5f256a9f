"""Everything that can be set about the simulated hospitals, scanners and readers."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from spl_kedro.parameters import Settings
from spl_kedro.simulation.follow_up import FollowUpSettings
from spl_kedro.simulation.traits import TraitSettings

#: Images that one simulated patient may have.
MOST_IMAGES = 20


class ScannerSettings(Settings):
    """A convex-probe scanner and how its image is exported."""

    frequency_mhz: float = Field(default=3.5, ge=1, le=12, description="centre frequency")
    bandwidth: float = Field(
        default=0.5, ge=0.1, le=1.2, description="-6 dB two-way bandwidth / centre frequency"
    )
    radius_mm: float = Field(default=60, ge=10, le=100, description="radius of the probe face")
    field_of_view_deg: float = Field(default=62, ge=20, le=110, description="sector angle")
    lines: int = Field(default=224, ge=32, le=1024, description="scan lines in the sector")
    axial_step_mm: float = Field(default=0.15, ge=0.03, le=0.3, description="sample spacing")
    aperture_mm: float = Field(default=14, ge=4, le=60, description="active aperture")
    f_number: float = Field(default=2.8, ge=0.8, le=8, description="smallest f-number")
    focus_mm: float = Field(default=45, ge=10, le=200, description="transmit focus")
    focal_length_mm: float = Field(
        default=70, ge=10, le=500, description="distance from focus at which the beam is 1.4 wide"
    )
    sidelobe_level: float = Field(
        default=0.03, ge=0, le=0.3, description="share of the beam in a pedestal six times as wide"
    )
    depths_mm: tuple[float, ...] = Field(
        default=(70, 85, 100, 120, 140), min_length=1, description="imaging depths on the machine"
    )
    tgc_db_cm_mhz: float = Field(
        default=0.7, ge=0, le=2, description="attenuation that time-gain compensation assumes"
    )
    noise_db: float = Field(
        default=-62, ge=-100, le=0, description="electronic noise below muscle at the probe face"
    )
    looks: int = Field(default=2, ge=1, le=4, description="sub-bands compounded after detection")
    dynamic_range_db: float = Field(default=62, ge=30, le=100, description="displayed range")
    reference_grey: float = Field(
        default=0.48, gt=0, lt=1, description="grey of muscle as a share of white, sets the gain"
    )
    gain_spread_db: float = Field(
        default=2.0, ge=0, le=10, description="SD of the operator's gain between patients"
    )
    gamma: float = Field(default=1.1, ge=0.4, le=2.5, description="exponent of the grey map")
    image_width: int = Field(default=576, ge=96, le=2048, description="columns of the export")
    image_height: int = Field(default=432, ge=96, le=2048, description="rows of the export")

    @field_validator("depths_mm")
    @classmethod
    def _check_depths(cls, depths: tuple[float, ...]) -> tuple[float, ...]:
        if list(depths) != sorted(depths) or depths[0] < 40 or depths[-1] > 250:
            raise ValueError("depths_mm must ascend and lie within 40 to 250 mm")
        return depths

    @property
    def wavelength_mm(self) -> float:
        """Wavelength at 1.54 mm/us, the speed of sound in soft tissue."""
        return 1.54 / self.frequency_mhz


class CaseMix(Settings):
    """How one hospital's patients differ from the distributions of the traits."""

    malignant_fraction: float = Field(
        default=0.6, gt=0, lt=1, description="share of malignant lesions (assumed)"
    )
    shifts: dict[str, float] = Field(
        default_factory=dict, description="displacement of traits in spreads, both classes alike"
    )

    @field_validator("shifts")
    @classmethod
    def _check_shifts(cls, shifts: dict[str, float]) -> dict[str, float]:
        unknown = sorted(set(shifts) - set(TraitSettings.model_fields))
        if unknown:
            raise ValueError(
                f"unknown trait {unknown}; known: {', '.join(TraitSettings.model_fields)}"
            )
        if any(abs(value) > 2 for value in shifts.values()):
            raise ValueError("a shift must lie within -2 to 2 spreads")
        return shifts


class CentreSettings(Settings):
    """One hospital: its name, its number of patients, its case mix and its scanner."""

    name: str = Field(default="centre_a", min_length=1, description="name in the table")
    patients: int = Field(default=609, ge=0, le=100_000, description="number of patients")
    case_mix: CaseMix = CaseMix()
    scanner: ScannerSettings = ScannerSettings()
    reader_noise: float = Field(
        default=1.0, ge=0, le=5, description="factor on the sonographer's noise at this hospital"
    )


class SonographerSettings(Settings):
    """How well the sonographic signs are read: thresholds, and the reader's noise (SD)."""

    size_noise: float = Field(default=0.07, ge=0, le=0.5, description="SD of log size")
    obtuse_from_deg: float = Field(default=90, ge=45, le=135, description="obtuse from")
    angle_noise_deg: float = Field(default=16, ge=0, le=60, description="SD of the angle")
    irregular_from: float = Field(default=0.06, gt=0, le=0.3, description="irregular from")
    margin_noise: float = Field(default=0.45, ge=0, le=2, description="SD of log irregularity")
    bronchogram_from: float = Field(default=1.6, ge=0, le=7, description="present from")
    bronchogram_noise: float = Field(default=1.0, ge=0, le=5, description="SD of the count")
    enhancement_below: float = Field(default=0.48, ge=0, le=2, description="dB/cm/MHz")
    shadow_above: float = Field(default=0.85, ge=0, le=2, description="dB/cm/MHz")
    posterior_noise: float = Field(default=0.18, ge=0, le=1, description="SD, dB/cm/MHz")
    interrupted_from: float = Field(default=0.4, ge=0, le=1, description="share of the line")
    pleura_noise: float = Field(default=0.2, ge=0, le=1, description="SD of the share")
    missing_fraction: float = Field(
        default=0.03, ge=0, le=0.5, description="share of clinical values left out"
    )


class ReaderSettings(Settings):
    """How two readers draw the same lesion."""

    first_noise: float = Field(
        default=0.025, ge=0, le=0.3, description="SD of reader 1's contour / lesion radius"
    )
    second_noise: float = Field(
        default=0.075, ge=0, le=0.3, description="SD of reader 2's contour / lesion radius"
    )
    second_bias: float = Field(
        default=0.02, ge=-0.3, le=0.3, description="reader 2 draws larger by, / lesion radius"
    )
    second_bias_spread: float = Field(
        default=0.05, ge=0, le=0.3, description="SD of that bias between lesions"
    )
    second_lesions: int = Field(
        default=50, ge=0, le=100_000, description="lesions of the first centre read twice"
    )


def _second_scanner() -> ScannerSettings:
    return ScannerSettings(
        frequency_mhz=4.2,
        bandwidth=0.6,
        radius_mm=50,
        field_of_view_deg=68,
        lines=192,
        aperture_mm=13,
        f_number=2.5,
        focus_mm=40,
        depths_mm=(75, 90, 110, 130, 150),
        tgc_db_cm_mhz=0.65,
        looks=3,
        dynamic_range_db=56,
        reference_grey=0.44,
        gamma=1.0,
        image_width=512,
        image_height=400,
    )


class PhantomSettings(Settings):
    """The simulated study: two hospitals, their scanners, patients and readers."""

    seed: int = Field(default=20260324, ge=0, description="seed of everything random")
    training_centre: CentreSettings = CentreSettings()
    external_centre: CentreSettings = CentreSettings(
        name="centre_b",
        patients=200,
        case_mix=CaseMix(
            malignant_fraction=0.52,
            shifts={"age_years": 0.25, "size_mm": -0.15, "crp_mg_l": 0.2, "echogenicity_db": 0.2},
        ),
        scanner=_second_scanner(),
        reader_noise=1.4,
    )
    traits: TraitSettings = TraitSettings()
    sonographer: SonographerSettings = SonographerSettings()
    readers: ReaderSettings = ReaderSettings()
    follow_up: FollowUpSettings = FollowUpSettings()
    images_per_patient: tuple[int, int] = Field(
        default=(1, 1),
        description="fewest and most images of a patient, each number as likely: other views of "
        "the same lesion, each outlined",
    )
    workers: int = Field(default=2, ge=1, le=256, description="processes; changes no byte")

    @field_validator("images_per_patient")
    @classmethod
    def _check_images(cls, images: tuple[int, int]) -> tuple[int, int]:
        if not 1 <= images[0] <= images[1] <= MOST_IMAGES:
            raise ValueError(
                f"images_per_patient is [fewest, most] of 1 to {MOST_IMAGES}, not {list(images)}"
            )
        return images

    @model_validator(mode="after")
    def _check_counts(self) -> PhantomSettings:
        if self.training_centre.name == self.external_centre.name:
            raise ValueError("the two centres need different names")
        if self.readers.second_lesions > self.training_centre.patients:
            raise ValueError(
                f"readers.second_lesions {self.readers.second_lesions} exceeds "
                f"training_centre.patients {self.training_centre.patients}"
            )
        return self
