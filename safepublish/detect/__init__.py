"""The only readers of the machine. Each module returns facts; `survey` asks all that bear on a run."""
