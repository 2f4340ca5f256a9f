"""How far the score of one patient depends on who else was in the study.

Riley and Collins, Biometrical Journal 2023;65:2200302: the models are fitted anew on bootstrap
samples of the patients, and each refit predicts the original ones. Not to be confused with the
repeatability of features between readers (`radiomics_stability`).
"""
