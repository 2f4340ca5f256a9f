"""Why a score is what it is: SHAP, Grad-CAM, their sanity checks and conformal prediction."""
