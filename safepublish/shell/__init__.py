"""Reads the scripts of pipelines: what commands a script runs, and what each does to a publish. Nothing is executed.

In: the text of a bash, PowerShell or cmd script or a Makefile, the variables and expressions that are known.
Out: `interpreter.parse` gives the commands in the order in which they run; `publish_commands.classify` says what a
command does to a publish, `config_commands.config_changes` what it writes into npm's configuration.
Text that no shell accepts is read as far as possible: there are no errors, and the cost is capped.
May import `npm`, `facts` and the standard library.
"""
