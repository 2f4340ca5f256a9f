"""From a lung-ultrasound cohort to a validated, explained model of subpleural lesions."""

__version__ = "0.1.0"
