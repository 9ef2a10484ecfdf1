//! A net as a crate of its own, for people: generated and untrained, or trained.
use std::path::Path;
use std::{fs, io};

use super::build::{BuildError, Builder};
use super::scratch::manifest;

/// Shows the net; does a candidate's job when it is given one.
const GENERATED_MAIN: &str = include_str!("export/generated_main.rs");
/// Captions pictures.
const TRAINED_MAIN: &str = include_str!("export/trained_main.rs");
const TRAINED_README: &str = include_str!("export/trained_readme.md");

/// What a manifest for people says first.
const MANIFEST_HEADER: &str = "\
# The crates nn-caption-core and nn-caption-models lie in a checkout of nn-caption, whose place stands below as `path`:
# change both lines when it moves. All other dependencies are named as that checkout names them, so that what is compiled
# there (see .cargo/config.toml) is not compiled again.

";

impl Builder {
    /// Writes a crate of the generated file `net` into `folder`, which may be there. `cargo run --release` in it builds
    /// against the checkout and its compiled dependencies, and shows the net.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn export(&self, folder: &Path, net: &str) -> Result<(), BuildError> {
        let written = self.write_crate(folder, "generated-net", GENERATED_MAIN);
        let written = written.and_then(|()| fs::write(folder.join("src/net.rs"), net));
        written.map_err(|cause| files(folder, cause))
    }

    /// Writes a crate into `folder` that captions pictures with a trained net, whose file is to become
    /// `model.safetensors` in it: of the generated file `net`, or of a ready system when there is none.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn export_trained(&self, folder: &Path, net: Option<&str>) -> Result<(), BuildError> {
        self.write_trained(folder, net)
            .map_err(|cause| files(folder, cause))
    }

    fn write_trained(&self, folder: &Path, net: Option<&str>) -> io::Result<()> {
        let main = match net {
            Some(_) => TRAINED_MAIN
                .replace("use std::path", "mod net;\n\nuse std::path")
                .replace("TrainedNet::system(", "TrainedNet::generated::<net::Net>("),
            None => TRAINED_MAIN.to_owned(),
        };
        self.write_crate(folder, "captioner", &main)?;
        if let Some(net) = net {
            fs::write(folder.join("src/net.rs"), net)?;
        }
        let source = self.source().display().to_string();
        let readme = TRAINED_README.replace("{{source}}", &source);
        fs::write(folder.join("README.md"), readme)
    }

    /// All of a crate but its modules.
    fn write_crate(&self, folder: &Path, package: &str, main: &str) -> io::Result<()> {
        let (src, cargo) = (folder.join("src"), folder.join(".cargo"));
        fs::create_dir_all(&src)?;
        fs::create_dir_all(&cargo)?;
        let manifest = manifest(package, self.source())?;
        fs::write(
            folder.join("Cargo.toml"),
            format!("{MANIFEST_HEADER}{manifest}"),
        )?;
        fs::copy(self.source().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        let target = toml::Value::from(self.target().to_string_lossy().into_owned());
        fs::write(
            cargo.join("config.toml"),
            format!("[build]\ntarget-dir = {target}\n\n[net]\noffline = true\n"),
        )?;
        fs::write(src.join("main.rs"), main)
    }
}

fn files(folder: &Path, cause: io::Error) -> BuildError {
    BuildError::Files {
        path: folder.to_path_buf(),
        cause,
    }
}
