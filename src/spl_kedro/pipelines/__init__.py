"""The study's pipelines: Kedro's view of the packages beside this one."""
