#!/usr/bin/env bash
# PyTorch's numbers for the nets of `builders`: needs torch and torchvision (made with 2.15 and 0.29).
# A classifier around each network, 10 classes, 4 pictures of 64 by 64 (Inception's of 96 by 96).
set -euo pipefail
cd "$(dirname "$0")"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
while read -r name builder; do
  side=64
  [ "$name" = inception_v3 ] && side=96
  sed "s/BUILDER/$builder/" net.py >"$scratch/$name.py"
  python3 ../../codegen/tests/reference/make_net_golden.py "$scratch/$name.py" --task classify \
    --sizes "B=4,C=3,H=$side,W=$side,classes=10" | python3 -c '
import json, sys
short = lambda text: float(f"{float(text):.8g}")
json.dump(json.load(sys.stdin, parse_float=short), sys.stdout, separators=(",", ":"))
' >"$name.json"
done <builders
