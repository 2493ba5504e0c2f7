#!/usr/bin/env python3
"""What the derive costs at every build, as Markdown tables.

Needs a Rust toolchain and Python, and installs cargo-llvm-lines into target/tools if it is missing.
Works in target/compile-time. `run.py --runs 3` for a quick look.

1. A crate with 200 structs of 12 fields, each used once, that derives `IdempotencyKey`, beside the
   same with `serde::Serialize` and `serde_json::to_vec`, and beside the structs alone. The
   dependencies are built; only the crate itself is built anew.
2. The lines of LLVM IR of these crates, and the functions that most of them come from.
3. A cold build, on two cores, of a project that uses serde's derive, without and with agentidemp.
"""

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
AGENTIDEMP = HERE.parents[2] / "agentidemp"
TARGET = AGENTIDEMP.parent / "target"
WORK = TARGET / "compile-time"
TOOLS = TARGET / "tools"

STRUCTS = 200
FIELDS = [
    ("model", "String"),
    ("user", "Option<String>"),
    ("tags", "Vec<String>"),
    ("temperature", "f64"),
    ("top_p", "Option<f64>"),
    ("max_tokens", "u32"),
    ("seed", "Option<u64>"),
    ("stream", "bool"),
    ("retries", "i64"),
    ("weights", "Vec<f64>"),
    ("parent", "Option<Part>"),
    ("parts", "Vec<Part>"),
]

SERDE = 'serde = { version = "1", features = ["derive"] }\n'
SERDE_JSON = 'serde_json = "1"\n'
IDEM = f'agentidemp = {{ path = "{AGENTIDEMP}" }}\n'

# name: (dependencies, imports, derives, what is called on a value `request`)
CRATES = {
    "structs-alone": ("", "", "Default", "size_of_val(&request)"),
    "with-serialize": (
        SERDE + SERDE_JSON,
        "use serde::Serialize;",
        "Default, Serialize",
        "serde_json::to_vec(&request).map_or(0, |bytes| bytes.len())",
    ),
    "with-idempotency-key": (
        IDEM,
        "use agentidemp::IdempotencyKey;",
        "Default, IdempotencyKey",
        "request.idempotency_key().len()",
    ),
}

PROFILES = {
    "cargo check": ["check"],
    "cargo build": ["build"],
    "cargo build --release": ["build", "--release"],
}

ENVIRONMENT = os.environ | {"CARGO_INCREMENTAL": "0", "CARGO_TERM_COLOR": "never"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7, help="of the crate itself")
    parser.add_argument("--cold-runs", type=int, default=3, help="of a project as a whole")
    arguments = parser.parse_args()

    print(f"load average: {os.getloadavg()[0]:.1f}\n")
    for name in CRATES:
        write_crate(name)
    own_builds(arguments.runs)
    llvm_lines()
    cold_builds(arguments.cold_runs)
    print(f"load average: {os.getloadavg()[0]:.1f}")


def write_project(name, dependencies, source):
    project = WORK / name
    (project / "src").mkdir(parents=True, exist_ok=True)
    (project / "Cargo.toml").write_text(
        f'[package]\nname = "{name}"\nversion = "0.0.0"\nedition = "2024"\n\n'
        f"[dependencies]\n{dependencies}\n[workspace]\n"
    )
    (project / "src/main.rs").write_text(source)
    return project


def write_crate(name):
    dependencies, imports, derives, call = CRATES[name]
    members = "".join(f"    {field}: {kind},\n" for field, kind in FIELDS)
    structs = "".join(
        f"#[derive({derives})]\nstruct Request{i} {{\n{members}}}\n\n" for i in range(STRUCTS)
    )
    uses = "".join(
        f"    let request = black_box(Request{i}::default());\n    total += {call};\n"
        for i in range(STRUCTS)
    )
    write_project(
        name,
        dependencies,
        f"#![allow(dead_code)]\n\nuse std::hint::black_box;\n\n{imports}\n\n"
        f"#[derive({derives})]\nstruct Part {{\n    text: String,\n}}\n\n{structs}"
        f'fn main() {{\n    let mut total = 0;\n{uses}    println!("{{total}}");\n}}\n',
    )


def cargo(project, *arguments):
    """The seconds, and the seconds of processor time, that cargo takes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        ["cargo", *arguments, "--quiet"], cwd=WORK / project, env=ENVIRONMENT, check=True
    )
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def medians(samples):
    return tuple(statistics.median(column) for column in zip(*samples))


def own_builds(runs):
    print(f"{STRUCTS} structs of {len(FIELDS)} fields, medians of {runs} builds of the crate itself:\n")
    print("| | " + " | ".join(f"{profile}, s | of processor time" for profile in PROFILES) + " |")
    print("|---|" + "---:|" * 2 * len(PROFILES))
    samples = {(name, profile): [] for name in CRATES for profile in PROFILES}
    for profile, arguments in PROFILES.items():
        for name in CRATES:
            cargo(name, *arguments)
        # All crates in each run, so that what else the machine does meets them alike.
        for _ in range(runs):
            for name in CRATES:
                (WORK / name / "src/main.rs").touch()
                samples[name, profile].append(cargo(name, *arguments))
    for name in CRATES:
        cells = [f"{s:.2f}" for profile in PROFILES for s in medians(samples[name, profile])]
        print(f"| {name} | {' | '.join(cells)} |")
    print()


def llvm_lines():
    tool = TOOLS / "bin/cargo-llvm-lines"
    if not tool.exists():
        install = ["cargo", "install", "cargo-llvm-lines", "--locked", "--quiet", "--root", TOOLS]
        subprocess.run(install, check=True)
    for profile in ["", "--release"]:
        print(f"Lines of LLVM IR{', ' * bool(profile)}{profile}:\n")
        print("| | in all | a struct, without the structs alone |")
        print("|---|---:|---:|")
        alone, output = None, []
        for name in CRATES:
            command = [tool, "llvm-lines", *profile.split(), "--quiet"]
            output = subprocess.run(
                command, cwd=WORK / name, env=ENVIRONMENT, check=True, text=True, stdout=subprocess.PIPE
            ).stdout.splitlines()
            total = next(int(line.split()[0]) for line in output if line.endswith("(TOTAL)"))
            alone = alone or total
            print(f"| {name} | {total} | {(total - alone) / STRUCTS:.0f} |")
        print(f"\nMost of the last come from ({STRUCTS} `RequestN`):\n")
        print("| lines | copies | function |")
        print("|---:|---:|---|")
        for function, (lines, copies) in largest_functions(output)[:12]:
            print(f"| {lines} | {copies} | `{function}` |")
        print()


def largest_functions(output):
    """The functions with their lines and copies, those of the 200 structs as one."""
    functions = {}
    for line in output:
        if match := re.match(r" *(\d+) \(.*?\) +(\d+) \(.*?\)  (.+)", line):
            lines, copies, function = match.groups()
            sums = functions.setdefault(re.sub(r"Request\d+", "RequestN", function), [0, 0])
            sums[0] += int(lines)
            sums[1] += int(copies)
    return sorted(functions.items(), key=lambda item: -item[1][0])


def cold_builds(runs):
    source = "#[derive(serde::Serialize{})]\nstruct Request {{\n    model: String,\n}}\n\n{}"
    request = 'Request { model: "m-1".into() }'
    projects = {
        "serde's derive": write_project(
            "without-agentidemp",
            SERDE,
            source.format("", f"fn main() {{\n    let _ = {request};\n}}\n"),
        ),
        "and agentidemp": write_project(
            "with-agentidemp",
            SERDE + IDEM,
            source.format(
                ", agentidemp::IdempotencyKey",
                "use agentidemp::IdempotencyKey;\n\n"
                f'fn main() {{\n    println!("{{}}", {request}.idempotency_key());\n}}\n',
            ),
        ),
    }
    print(f"Cold build of a project on two cores, medians of {runs}:\n")
    print("| | cargo build, s | of processor time | cargo build --release, s | of processor time |")
    print("|---|---:|---:|---:|---:|")
    samples = {}
    for _ in range(runs):
        for name, project in projects.items():
            for profile in ["dev", "release"]:
                shutil.rmtree(project / "target", ignore_errors=True)
                sample = cargo(project, "build", "--jobs", "2", "--profile", profile)
                samples.setdefault((name, profile), []).append(sample)
    rows = {
        name: [*medians(samples[name, "dev"]), *medians(samples[name, "release"])]
        for name in projects
    }
    without, with_ = rows.values()
    rows["difference"] = [b - a for a, b in zip(without, with_)]
    for name, row in rows.items():
        print(f"| {name} | " + " | ".join(f"{seconds:.2f}" for seconds in row) + " |")
    print()


if __name__ == "__main__":
    main()
