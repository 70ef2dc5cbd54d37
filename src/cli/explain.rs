//! `portalctl explain`.

use crate::model::{Code, nearest};

use super::args::ExplainArgs;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};

pub(super) fn run(args: &ExplainArgs, output: &Output) -> Result<Exit, Failure> {
    let Some(code) = Code::from_text(&args.code) else {
        let known = Code::ALL.iter().map(|code| code.as_str());
        let failure = Failure::usage(format!("`{}` is not a code of this program", args.code));
        return Err(match nearest(&args.code, known) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint("codes look like `C1003` or `P2003`"),
        });
    };
    let title = format!("{} ({}): {}", code.as_str(), code.severity().as_str(), code.title());
    let text = [&*title, "", code.explanation()].join("\n");
    let lines: Vec<_> = text.lines().map(|line| output.out.line(line, 0)).collect();
    output::result(&(lines.join("\n") + "\n"))?;
    Ok(Exit::Done)
}
