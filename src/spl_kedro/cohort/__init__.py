"""From the hospital's table and files to the study's cohort, split and Table 1."""
