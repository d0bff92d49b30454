//! Who may use whom, as docs/architecture.md draws it: any other edge fails here.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::BTreeSet;

const LEAVES: [&str; 4] = ["cm-record", "cm-time", "cm-text", "cm-web"];

/// Every crate of ours and the crates of ours that it may use besides the leaves.
const MAY_USE: [(&str, &[&str]); 14] = [
    ("cm-record", &[]),
    ("cm-time", &[]),
    ("cm-text", &[]),
    ("cm-web", &[]),
    ("cm-cli", &["cm-record", "cm-time"]),
    ("cm-net", &["cm-time"]),
    ("cm-store", &["cm-time"]),
    ("cm-fetch", &["cm-cli", "cm-net", "cm-store"]),
    ("cm-scan", &["cm-cli"]),
    ("cm-inbox", &["cm-cli", "cm-store"]),
    ("cm-shorten", &["cm-cli", "cm-net", "cm-store"]),
    ("cm-schedule", &["cm-cli", "cm-net", "cm-store"]),
    ("cm-report", &["cm-cli", "cm-store"]),
    ("cm-tests", &[]),
];

/// Crates of others that live in one place only.
const AT_HOME: [(&str, &[&str]); 4] = [
    ("jiff", &["cm-time"]),
    ("reqwest", &["cm-net"]),
    ("rusqlite", &["cm-store"]),
    ("feed-rs", &["cm-fetch"]),
];

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(cm_tests::root().join("Cargo.toml")).no_deps().exec().unwrap()
}

fn tools_and_tests(name: &str) -> bool {
    cm_tests::TOOLS.contains(&name) || name == "cm-tests"
}

fn allowed(package: &Package, kind: DependencyKind) -> BTreeSet<&'static str> {
    let Some((_, drawn)) = MAY_USE.iter().find(|(name, _)| *name == package.name.as_str()) else {
        panic!("{} is not in the drawing", package.name);
    };
    let leaves_too = tools_and_tests(&package.name) || kind == DependencyKind::Development;
    let leaves = LEAVES.iter().filter(|_| leaves_too);
    drawn.iter().chain(leaves).copied().collect()
}

#[test]
fn no_edge_that_the_drawing_lacks() {
    let metadata = metadata();
    let packages = metadata.workspace_packages();
    let ours: BTreeSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(ours, MAY_USE.iter().map(|(name, _)| *name).collect(), "the workspace is what is drawn");
    let mut strays = Vec::new();
    for package in &packages {
        for dependency in package.dependencies.iter().filter(|d| ours.contains(d.name.as_str())) {
            if !allowed(package, dependency.kind).contains(dependency.name.as_str()) {
                strays.push(format!("{} -> {} ({:?})", package.name, dependency.name, dependency.kind));
            }
        }
    }
    assert!(strays.is_empty(), "edges that the drawing lacks: {strays:#?}");
}

#[test]
fn what_lives_in_one_place_lives_there_only() {
    for package in metadata().workspace_packages() {
        for (guest, homes) in AT_HOME {
            let uses =
                package.dependencies.iter().any(|d| d.name == guest && d.kind == DependencyKind::Normal);
            assert!(!uses || homes.contains(&package.name.as_str()), "{} uses {guest}", package.name);
        }
    }
}

/// Versions, lints, edition and licence stand once, in the root.
#[test]
fn every_crate_inherits_from_the_root() {
    for package in metadata().workspace_packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        for line in [
            "version.workspace = true",
            "edition.workspace = true",
            "license.workspace = true",
            "[lints]\nworkspace = true",
        ] {
            assert!(manifest.contains(line), "{}: no `{line}`", package.manifest_path);
        }
        assert!(!manifest.contains("version = \""), "{}: a version of its own", package.manifest_path);
    }
}
