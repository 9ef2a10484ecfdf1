//! What torch has, whether it is translated or not: tells an invented name from one that is not translated yet.

/// The functions and classes of PyTorch 2.15, one line a module.
const NAMES: &str = include_str!("names.txt");

/// Whether torch has a function or class of this dotted name. Modules that are not listed are taken to have it.
pub(super) fn has(path: &str) -> bool {
    let Some((owner, name)) = path.rsplit_once('.') else {
        return false;
    };
    let mut modules = NAMES.lines().filter_map(|line| line.split_once(": "));
    modules
        .find(|(module, _)| *module == owner)
        .is_none_or(|(_, names)| names.split(' ').any(|known| known == name))
}

/// The names of a module that is listed, as `dir` gives them.
pub(crate) fn of(module: &str) -> Option<Vec<&'static str>> {
    let mut modules = NAMES.lines().filter_map(|line| line.split_once(": "));
    let (_, names) = modules.find(|(known, _)| *known == module)?;
    Some(names.split(' ').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_inventions() {
        assert!(has("torch.nn.Conv3d") && has("torch.Tensor.scatter_") && has("torch.fx.wrap"));
        assert!(of("torch.nn.functional").is_some_and(|names| names.contains(&"silu")));
        assert!(!has("torch.nn.Conv2D") && !has("torch.lower_triangular"));
    }
}
