"""Everything that Dagster shows and runs."""

import dagster as dg

from orchestration.alerts.sensors import SENSORS
from orchestration.config_load import load_settings
from orchestration.dbt_process import parse_project
from orchestration.graph import pipeline_assets
from orchestration.jobs import daily_schedule, new_files, whole_pipeline
from orchestration.resources import PROJECT_FOLDER, default_config_file, run_resource
from orchestration.run_log import NAME, run_log

_project = parse_project(PROJECT_FOLDER)

defs = dg.Definitions(
    assets=pipeline_assets(_project),
    resources={"run": run_resource(_project)},
    jobs=[whole_pipeline],
    schedules=[daily_schedule(load_settings(default_config_file()).timezone)],
    sensors=[new_files, *SENSORS],
    loggers={NAME: run_log, "console": dg.colored_console_logger},
    executor=dg.in_process_executor,
)
