//! The conversation as a picture: the report's Mermaid diagram in a file, and the same as SVG for
//! whoever has a browser and no Mermaid.

use std::fs;
use std::path::{Path, PathBuf};

use ssh_userauth::Report;
use ssh_userauth_explain::Explain as _;
use svg::node::element::{Definitions, Group, Line, Marker, Path as Shape, Rectangle, Style, Text};
use svg::{Document, Node as _};

use crate::login::failure::Failure;

const WIDTH: u32 = 960;
/// The lifelines.
const CLIENT: u32 = 90;
const SERVER: u32 = 870;
const MIDDLE: u32 = 480;
const TOP: u32 = 64;
const ROW: u32 = 34;
const LINE: u32 = 17;

/// Light and dark as the viewer has it.
const STYLE: &str = "
  :root { color-scheme: light dark; --ink: #1f2328; --soft: #656d76; --paper: #ffffff;
          --note: #fff8c5; --edge: #d4a72c; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e6edf3; --soft: #8d96a0; --paper: #0d1117; --note: #2d2810; --edge: #9e6a03; } }
  .paper { fill: var(--paper); }
  .life { stroke: var(--soft); stroke-dasharray: 2 4; }
  .arrow { stroke: var(--ink); fill: none; marker-end: url(#head); }
  .answer { stroke-dasharray: 6 3; }
  .head { fill: var(--ink); }
  .note { fill: var(--note); stroke: var(--edge); }
  text { fill: var(--ink); font: 12px system-ui, sans-serif; text-anchor: middle; }
  .name { font-weight: 600; font-size: 14px; }
";

/// Writes `STEM.mmd` and `STEM.svg`.
pub(super) fn write(stem: &Path, report: &Report) -> Result<(), Failure> {
    let mermaid = report.sequence_diagram().to_string();
    let picture = draw(&mermaid);
    for (ending, content) in [("mmd", &mermaid), ("svg", &picture)] {
        let mut name = stem.as_os_str().to_owned();
        name.push(".");
        name.push(ending);
        let path = PathBuf::from(name);
        fs::write(&path, content)
            .map_err(|error| Failure::Setup(format!("{}: {error}", path.display())))?;
    }
    Ok(())
}

/// One step of the conversation.
#[derive(Debug, PartialEq, Eq)]
enum Row<'a> {
    Arrow {
        to_server: bool,
        is_answer: bool,
        text: &'a str,
    },
    Note {
        over: &'a str,
        text: &'a str,
    },
}

/// A line of the diagram. What the report writes has no other lines but the head.
fn row(line: &str) -> Option<Row<'_>> {
    let (front, text) = line.trim().split_once(": ")?;
    Some(match front {
        "Client->>Server" => Row::Arrow {
            to_server: true,
            is_answer: false,
            text,
        },
        "Server->>Client" | "Server-->>Client" => Row::Arrow {
            to_server: false,
            is_answer: front.contains("--"),
            text,
        },
        _ => Row::Note {
            over: front.strip_prefix("Note over ")?,
            text,
        },
    })
}

/// The diagram as SVG.
fn draw(mermaid: &str) -> String {
    let mut page = Page {
        rows: Group::new(),
        y: TOP,
    };
    for row in mermaid.lines().filter_map(row) {
        match row {
            Row::Arrow {
                to_server,
                is_answer,
                text,
            } => page.arrow(to_server, is_answer, text),
            Row::Note { over, text } => page.note(over, text),
        }
    }
    page.finish()
}

struct Page {
    rows: Group,
    /// Where the next row begins.
    y: u32,
}

impl Page {
    fn text(&mut self, x: u32, y: u32, class: &str, text: &str) {
        let text = Text::new(text).set("x", x).set("y", y).set("class", class);
        self.rows.append(text);
    }

    fn arrow(&mut self, to_server: bool, is_answer: bool, text: &str) {
        self.text(MIDDLE, self.y, "", text);
        let (from, to) = if to_server {
            (CLIENT, SERVER.saturating_sub(6))
        } else {
            (SERVER, CLIENT.saturating_add(6))
        };
        let class = if is_answer { "arrow answer" } else { "arrow" };
        let y = self.y.saturating_add(7);
        let line = Line::new().set("x1", from).set("x2", to).set("y1", y);
        let line = line.set("y2", y).set("class", class);
        self.rows.append(line);
        self.y = self.y.saturating_add(ROW);
    }

    fn note(&mut self, over: &str, text: &str) {
        let lines: Vec<&str> = text.split("<br/>").collect();
        let longest = lines.iter().map(|line| line.chars().count()).max();
        let longest = u32::try_from(longest.unwrap_or_default()).unwrap_or_default();
        let width = longest.saturating_mul(7).saturating_add(24).max(80);
        let half = width / 2;
        let middle = match over {
            "Client" => CLIENT.max(half.saturating_add(4)),
            "Server" => SERVER.min(WIDTH.saturating_sub(half).saturating_sub(4)),
            _ => MIDDLE,
        };
        let count = u32::try_from(lines.len()).unwrap_or(1);
        let height = count.saturating_mul(LINE).saturating_add(9);
        let top = self.y.saturating_sub(14);
        let rectangle = Rectangle::new()
            .set("x", middle.saturating_sub(half))
            .set("y", top)
            .set("width", width)
            .set("height", height)
            .set("rx", 4)
            .set("class", "note");
        self.rows.append(rectangle);
        let mut y = top.saturating_add(LINE);
        for line in lines {
            self.text(middle, y, "", line);
            y = y.saturating_add(LINE);
        }
        self.y = top.saturating_add(height).saturating_add(24);
    }

    fn finish(self) -> String {
        let height = self.y.saturating_add(8);
        let head = Shape::new()
            .set("d", "M0 0 L8 4 L0 8 z")
            .set("class", "head");
        let marker = Marker::new().set("id", "head").set("orient", "auto");
        let marker = marker.set("markerWidth", 8).set("markerHeight", 8);
        let marker = marker.set("refX", 7).set("refY", 4).add(head);
        let paper = Rectangle::new().set("width", WIDTH).set("height", height);
        let mut document = Document::new()
            .set("viewBox", (0, 0, WIDTH, height))
            .set("width", WIDTH)
            .set("height", height)
            .add(Style::new(STYLE))
            .add(Definitions::new().add(marker))
            .add(paper.set("class", "paper"));
        for (name, x) in [("Client", CLIENT), ("Server", SERVER)] {
            let name = Text::new(name)
                .set("x", x)
                .set("y", 28)
                .set("class", "name");
            let life = Line::new().set("x1", x).set("x2", x).set("y1", 38);
            let life = life.set("y2", height).set("class", "life");
            document = document.add(life).add(name);
        }
        // Behind the lifelines, so that notes cover them.
        document.add(self.rows).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_is_drawn() {
        let mermaid = "sequenceDiagram\n    participant Client\n    participant Server\n    \
                       Note over Server: SSH-2.0-x\n    Client->>Server: (1) none\n    \
                       Server-->>Client: (1) refused: offers publickey\n    \
                       Note over Client,Server: logged in<br/>publickey\n";
        let rows: Vec<Row<'_>> = mermaid.lines().filter_map(row).collect();
        assert_eq!(rows.len(), 4, "{rows:?}");
        let picture = draw(mermaid);
        for shown in [
            "SSH-2.0-x",
            "(1) none",
            "(1) refused: offers publickey",
            "logged in",
        ] {
            assert!(picture.contains(shown), "{shown}\n{picture}");
        }
        assert_eq!(picture.matches("class=\"note\"").count(), 2);
        assert_eq!(picture.matches("class=\"arrow").count(), 2);
        assert!(picture.starts_with("<svg"));
    }
}
