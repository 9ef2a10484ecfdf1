//! Calls and names of the reply's own functions.
use expect_test::expect;

use super::check;

#[test]
fn a_constructor_goes_by_the_name_of_its_class() {
    check(
        "self.device = device",
        "self.device = device\n        self.other = Net(in_shape, out_shape, prm, device, pretrained=True)",
        expect![[r#"
            error[N008]: `Net` has no parameter `pretrained`
              --> reply:16:22
               |
            16 |         self.other = Net(in_shape, out_shape, prm, device, pretrained=True)
               |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn prm_belongs_to_the_methods_that_get_it() {
    check(
        "        self.train()\n",
        "        self.train_setup(prm)\n",
        expect![[r#"
            error[N005]: `prm` is not defined
              --> reply:50:26
               |
            50 |         self.train_setup(prm)
               |                          ^^^
               |
               = help: only `__init__` and `train_setup` are given `prm`: keep in `self` what other methods need of it"#]],
    );
}

/// PyTorch would find it in the class of torch, so it is not said to be missing.
#[test]
fn what_a_class_inherits_from_torch_is_not_said_to_be_missing() {
    check(
        "self.fc = nn.Linear(8, 16)",
        "class Wide(nn.Bilinear): pass\n        self.fc = Wide(8, 8, 16)",
        expect![[r#"
            error[N006]: what `Wide` inherits from `torch.nn.Bilinear` is not supported
              --> reply:19:19
               |
            19 |         self.fc = Wide(8, 8, 16)
               |                   ^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn what_changes_nothing_may_hang_on_numbers_of_the_run() {
    check(
        "loss.backward()",
        "loss.backward()
            if loss.item() > 3:
                print(loss)
                if torch.cuda.is_available():
                    torch.cuda.empty_cache()",
        expect![[r#"
            accepted
            note[N033]: an `if` on a run-time number that changes nothing has no effect on the translated net and is dropped
              --> reply:57:16
               |
            57 |             if loss.item() > 3:
               |                ^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_method_that_torch_has_is_not_said_to_be_missing() {
    check(
        "return self.fc(maps.mean(dim=(2, 3))).unsqueeze(0)",
        "return self.fc(maps.nanmean(dim=(2, 3))).unsqueeze(0)",
        expect![[r#"
            error[N007]: `Tensor.nanmean` is not translated yet
              --> reply:26:24
               |
            26 |         return self.fc(maps.nanmean(dim=(2, 3))).unsqueeze(0)
               |                        ^^^^^^^^^^^^^^^^^^^^^^^^
               |
               = help: write it with operations that are translated"#]],
    );
}
