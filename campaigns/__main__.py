"""`python -m campaigns NAME [OPTIONS]`: each campaign has its own options, which `--help` behind its name lists."""

import importlib
import sys

CAMPAIGNS = {
    "situations": "the guard against npm alone, in every situation of the table",
    "rehearsals": "the rehearsal of a workflow against npm alone, in every situation that a workflow can hold",
    "logs": "what explain makes of the logs of real failing publishes, in every CI's format",
    "faults": "the guard while the machine, the network and the registry misbehave",
    "fuzz": "the readers of foreign text, driven by coverage",
    "mutants": "small errors put into the pure rooms, one at a time, and whether a test notices",
}


def main() -> int:
    """Run the campaign that the first argument names."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in CAMPAIGNS:
        print("usage: python -m campaigns NAME [OPTIONS]\n")
        print("\n".join(f"  {name:<12}{what}" for name, what in CAMPAIGNS.items()))
        return 2
    sys.argv = [f"campaigns {name}", *sys.argv[2:]]
    status: int = importlib.import_module(f"campaigns.{name}").main()
    return status


if __name__ == "__main__":
    sys.exit(main())
