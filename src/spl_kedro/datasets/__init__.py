"""Catalog datasets of the project: folders of ultrasound files, lesions, tracked trainings."""
