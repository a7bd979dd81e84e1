#!/usr/bin/python3
"""The workflow files: valid for the runner, as far as can be seen without it.

    check-workflows.py [FILE]...

Each job and step has what it needs, `needs` and artefacts name what there is, and what commands name of this tree is
there. `action-validator` (npm: @action-validator/cli and core) is asked as well, if it is installed. Without
Python's yaml it exits with 77: skipped.
"""
import os
import re
import shutil
import subprocess
import sys

try:
    import yaml
except ImportError:
    print("check-workflows.py: python3-yaml is not installed (tools/packages test installs it)")
    sys.exit(77)

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
FILES = [".github/workflows/test.yml", "docs/examples/provider-ci.yml"]
OURS = re.compile(r"(?<![\w/$-])(?:tools|tests|docs)/[\w./-]+")
PRESET = re.compile(r"--preset (\S+)")


def presets():
    with open(os.path.join(ROOT, "CMakePresets.json"), encoding="utf-8") as file:
        return set(re.findall(r'"name": "([^"]+)"', file.read()))


def commands_check(text, where):
    for name in OURS.findall(text):
        if not os.path.exists(os.path.join(ROOT, name)):
            yield f"{where}: there is no {name}"
    for name in PRESET.findall(text):
        if name not in presets():
            yield f"{where}: there is no preset {name}"


def step_check(step, where):
    if ("run" in step) == ("uses" in step):
        yield f"{where}: needs either run or uses"
    if "uses" in step and not re.fullmatch(r"[\w-]+/[\w/-]+@\S+", step["uses"]):
        yield f"{where}: '{step['uses']}' names no version of an action"
    yield from commands_check(step.get("run", ""), where)


def job_check(name, job, jobs):
    if "runs-on" not in job or not job.get("steps"):
        yield f"{name}: needs runs-on and steps"
    needs = job.get("needs", [])
    for other in [needs] if isinstance(needs, str) else needs:
        if other not in jobs:
            yield f"{name}: needs {other}, which is no job"
    for number, step in enumerate(job.get("steps", []), 1):
        yield from step_check(step, f"{name}, step {number}")


def artefacts_check(jobs):
    def names(action):
        return [step["with"]["name"] for job in jobs.values() for step in job.get("steps", [])
                if step.get("uses", "").startswith("actions/" + action)]
    for name in names("download-artifact"):
        if name not in names("upload-artifact"):
            yield f"nothing uploads the artefact {name}"


def file_check(path):
    with open(path, encoding="utf-8") as file:
        workflow = yaml.safe_load(file)
    jobs = workflow.get("jobs", {})
    if not jobs or True not in workflow:  # YAML reads the key `on` as a truth value
        yield "needs on and jobs"
    for name, job in jobs.items():
        yield from job_check(name, job, jobs)
    yield from artefacts_check(jobs)
    validator = shutil.which("action-validator")
    if validator:
        asked = subprocess.run([validator, path], capture_output=True, text=True, timeout=300)
        if asked.returncode != 0:
            yield "action-validator: " + (asked.stdout + asked.stderr).strip()


def main():
    paths = sys.argv[1:] or [os.path.join(ROOT, name) for name in FILES]
    mistakes = [f"{path}: {mistake}" for path in paths for mistake in file_check(path)]
    print("\n".join(mistakes))
    print(f"{len(paths)} workflow files, {len(mistakes)} mistakes")
    sys.exit(len(mistakes) > 0)


main()
