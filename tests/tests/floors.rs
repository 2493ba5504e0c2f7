//! The floors of the crate's source, as CONTRIBUTING.md has them: a file uses what is on its own floor or below, and
//! up to the fifth floor no files need each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rooms from the ground up.
const FLOORS: [&[&str]; 8] = [
    &["error", "hash", "key", "pointer", "printable", "secret"],
    &["text"],
    &["canonical"],
    &["serde", "by_serialize", "with"],
    &["request", "identity"],
    &["__private", "compat", "dedup", "explain", "guide", "header"],
    // They stand on rooms of the floor below.
    &["testing", "header/server"],
    &["bin"],
];

/// Up to this floor there are no circles.
const NO_CIRCLES: usize = 5;

/// The files of the crate, by their modules' paths: `canonical/encoder`.
struct Source {
    files: BTreeMap<String, String>,
}

impl Source {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../agentidemp/src");
        let mut files = BTreeMap::new();
        read_folder(&root, "", &mut files);
        Self { files }
    }

    /// The modules that a module uses, as far as they are files of their own.
    fn used_by(&self, module: &str) -> BTreeSet<String> {
        let code = &self.files[module];
        let mut used = BTreeSet::new();
        for (start, base) in [
            ("crate::", ""),
            ("super::", parent(module)),
            ("self::", module),
        ] {
            for (at, _) in code.match_indices(start) {
                let before = code[..at].chars().next_back();
                if !before.is_some_and(|it| it.is_alphanumeric() || "_:$".contains(it)) {
                    let mut paths = Vec::new();
                    expand(&code[at + start.len()..], String::new(), &mut paths);
                    used.extend(paths.iter().map(|path| self.module_of(base, path)));
                }
            }
        }
        used.remove(module);
        used
    }

    /// The module that holds what a path leads to, by way of what its parents re-export.
    fn module_of(&self, base: &str, path: &str) -> String {
        let mut module = base.to_owned();
        for name in path.split("::") {
            let child = join(&module, name);
            if self.files.contains_key(&child) {
                module = child;
                continue;
            }
            let parent = if module.is_empty() { "lib" } else { &module };
            if let Some(child) = self
                .files
                .get(parent)
                .and_then(|code| source_of(code, name))
            {
                return self.module_of(&module, &format!("{child}::{name}"));
            }
            break;
        }
        module
    }

    fn floor(module: &str) -> Option<usize> {
        let room = |room: &&str| module == *room || module.starts_with(&format!("{room}/"));
        // `header/server` stands in `header`, and higher.
        (0..FLOORS.len())
            .rev()
            .find(|floor| FLOORS[*floor].iter().any(room))
    }
}

fn read_folder(folder: &Path, module: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.is_dir() {
            read_folder(&path, &join(module, name), files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = if name == "mod" {
                module.to_owned()
            } else {
                join(module, name)
            };
            files.insert(module, code_of(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The code without comments, macros' own paths and unit tests.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}/{name}")
    }
}

fn parent(module: &str) -> &str {
    module.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The paths of a tree as in `use`: `a::{b, c::d}` is `a::b` and `a::c::d`. Gives what comes after it.
fn expand<'t>(tree: &'t str, before: String, paths: &mut Vec<String>) -> &'t str {
    let end = tree
        .find(|it: char| !it.is_alphanumeric() && !"_:".contains(it))
        .unwrap_or(tree.len());
    let (path, mut rest) = tree.split_at(end);
    let path = before + path;
    let Some(group) = rest.strip_prefix('{') else {
        paths.push(path.trim_end_matches("::").to_owned());
        return rest;
    };
    rest = group;
    while !rest.starts_with('}') && !rest.is_empty() {
        rest = expand(rest.trim_start(), path.clone(), paths);
        rest = rest.trim_start_matches(|it: char| it.is_whitespace() || it == ',');
    }
    rest.strip_prefix('}').unwrap_or(rest)
}

/// The module that a name is re-exported from: `pub use self::child::{Name, ..}`.
fn source_of(code: &str, name: &str) -> Option<String> {
    code.match_indices("use self::").find_map(|(at, start)| {
        let mut paths = Vec::new();
        expand(&code[at + start.len()..], String::new(), &mut paths);
        let path = paths
            .into_iter()
            .find(|path| path.ends_with(&format!("::{name}")))?;
        Some(path.rsplit_once("::")?.0.to_owned())
    })
}

#[test]
fn each_file_uses_its_own_floor_and_those_below() {
    let source = Source::read();
    let mut edges = 0;
    for module in source.files.keys().filter(|module| *module != "lib") {
        let floor = Source::floor(module).unwrap_or_else(|| panic!("{module} is on no floor"));
        for used in source
            .used_by(module)
            .iter()
            .filter(|used| !used.is_empty())
        {
            let below = Source::floor(used).unwrap_or_else(|| panic!("{used} is on no floor"));
            assert!(
                below <= floor,
                "{module} (floor {}) uses {used} ({})",
                floor + 1,
                below + 1
            );
            edges += 1;
        }
    }
    assert!(edges > 200, "only {edges} uses are found");
}

#[test]
fn the_rooms_of_the_sixth_floor_do_not_know_each_other() {
    let source = Source::read();
    let room = |module: &str| module.split('/').next().unwrap().to_owned();
    for module in source
        .files
        .keys()
        .filter(|module| Source::floor(module) == Some(5))
    {
        for used in source.used_by(module) {
            let is_neighbour = Source::floor(&used) == Some(5) && room(&used) != room(module);
            assert!(!is_neighbour, "{module} uses {used}");
        }
    }
}

/// The file of a room itself (`canonical/mod.rs`) has what the whole room is about, and is no part of a circle.
#[test]
fn no_files_need_each_other_in_a_circle() {
    let source = Source::read();
    let is_low = |module: &String| Source::floor(module).is_some_and(|floor| floor < NO_CIRCLES);
    let has_children = |module: &String| source.files.keys().any(|child| parent(child) == module);
    let files: BTreeSet<_> = source
        .files
        .keys()
        .filter(|it| is_low(it) && !has_children(it))
        .collect();
    let mut left: BTreeMap<_, BTreeSet<_>> = files
        .iter()
        .map(|module| {
            let used = source.used_by(module);
            (
                *module,
                used.into_iter()
                    .filter(|used| files.contains(used))
                    .collect(),
            )
        })
        .collect();
    // What uses nothing that is left is on no circle.
    while let Some(free) = left
        .iter()
        .find(|(_, used)| used.is_empty())
        .map(|(module, _)| *module)
    {
        left.remove(free);
        left.values_mut().for_each(|used| _ = used.remove(free));
    }
    assert!(left.is_empty(), "{left:#?}");
}
