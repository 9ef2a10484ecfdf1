//! The command `nn-caption`.
mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
