"""How CIs behave, pure: which provider a job's variables name, what its ID token says, which runners GitHub hosts.

In: environment variables, an ID token, a runner's label. Out: the `Identity` and `IdToken` of `facts.run`, as far as
they follow from these; the requests and the event's file belong to `safepublish.detect.identity`.
Imports `facts` and `safepublish.data` only.
"""
