"""Patients as bags of several images, an addition of the extended study."""
