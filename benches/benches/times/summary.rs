//! All that criterion has measured, as one table.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use userauth_bench::Table;

const SIGNATURE: &str = "signature";

/// Where criterion keeps what it measures.
pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion")
}

struct Measured {
    group: String,
    name: String,
    nanoseconds: f64,
}

/// With the share of one signature that was made in the same run.
pub(crate) fn print() {
    let mut all = Vec::new();
    collect(&directory(), &mut all);
    let signature = all.iter().find(|one| one.group == SIGNATURE);
    let Some(signature) = signature.map(|one| one.nanoseconds) else {
        println!("nothing was measured");
        return;
    };
    all.sort_by(|one, other| {
        // Numbers within a name by their size.
        let key = |one: &Measured| {
            (
                one.group.clone(),
                one.name.parse::<u32>().ok(),
                one.name.clone(),
            )
        };
        key(one).cmp(&key(other))
    });
    let mut table = Table::new(&["measured", "nanoseconds", "of a signature"]);
    for one in &all {
        table.row([
            format!("{}: {}", one.group, one.name),
            format!("{:.1}", one.nanoseconds),
            format!("{:.2} %", 100.0 * one.nanoseconds / signature),
        ]);
    }
    println!("\nTimes: medians, beside one Ed25519 signature of the same run\n\n{table}");
}

fn collect(directory: &Path, all: &mut Vec<Measured>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.file_name().is_some_and(|name| name == "new") {
            all.extend(read(&path));
        } else if path.is_dir() {
            collect(&path, all);
        }
    }
}

fn read(directory: &Path) -> Option<Measured> {
    let json = |name: &str| -> Option<Value> {
        serde_json::from_str(&fs::read_to_string(directory.join(name)).ok()?).ok()
    };
    let (id, estimates) = (json("benchmark.json")?, json("estimates.json")?);
    let function = id.get("function_id").and_then(Value::as_str);
    let value = id.get("value_str").and_then(Value::as_str);
    let name: Vec<&str> = function.into_iter().chain(value).collect();
    Some(Measured {
        group: id.get("group_id")?.as_str()?.to_owned(),
        name: name.join(", "),
        nanoseconds: estimates.pointer("/median/point_estimate")?.as_f64()?,
    })
}
