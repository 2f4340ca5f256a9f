from .comparison import compare_outlines
from .crossfit import REFIT, network_name, train_outline_networks
from .distances import Agreement, agreement
from .examples import outline_examples
from .figures import agreement_figure, comparison_figure, examples_figure
from .files import outline_names
from .handing_back import handed_back
from .new_images import outline_boxes, read_boxes
from .outlining import OutlinedCohort, outline_cohort
from .prompts import Prompt, draw_prompt, draw_prompts, prompts_of
from .settings import (
    AssistedOutlinesParameters,
    ClassicalSettings,
    NetworkSettings,
    PromptSettings,
)
from .summary import agreement_summary

__all__ = [
    "REFIT",
    "Agreement",
    "AssistedOutlinesParameters",
    "ClassicalSettings",
    "NetworkSettings",
    "OutlinedCohort",
    "Prompt",
    "PromptSettings",
    "agreement",
    "agreement_figure",
    "agreement_summary",
    "compare_outlines",
    "comparison_figure",
    "draw_prompt",
    "draw_prompts",
    "examples_figure",
    "handed_back",
    "network_name",
    "outline_boxes",
    "outline_cohort",
    "outline_examples",
    "outline_names",
    "prompts_of",
    "read_boxes",
    "train_outline_networks",
]
