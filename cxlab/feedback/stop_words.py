"""Words that say nothing of what people write about: the most frequent function words of four languages."""

__all__ = ["NEGATIONS", "STOP_WORDS"]

_ENGLISH = """
a about after again all also am an and any are as at back be because been before being but by can could did do does
doing for from get got had has have having he her here him his how i if in into is it its just like made make me more
most much my now of off on once one only or other our out over own really she should so some still such than that the
their them then there these they this those through to too under until up us very was we were what when where which
while who why will with would you your even ever every thing things way went going came come put say said
"""
_GERMAN = """
aber alle als also am an auch auf aus bei bin bis bist da damit dann das dass dem den der des die dies diese dieser
doch du durch ein eine einem einen einer er es etwas für gar ganz gibt hab habe haben hat hatte hier ich ihr im immer
in ist ja jetzt kann können man mal mehr mein meine mich mir mit muss nach noch nun nur ob oder schon sehr sein sich
sie sind so über um und uns unter viel vom von vor war waren was weil wenn wer werden wie wieder will wir wird wo
wurde zu zum zur
"""
_FRENCH = """
au aux avec ce ces cette dans de des du elle en est et être eu il ils je la le les leur lui ma mais me mes moi mon nos
notre nous on ou par pas plus pour que qui sa se ses son sont sur ta te tout très tu un une vos votre vous été était
cela
"""
_SPANISH = """
al algo como con de del desde donde el ella en era eran es esa ese esta este esto fue ha hay la las le les lo los más
me mi mis muy nos o para pero por que se ser si sin sobre son su sus también te tiene todo un una uno y ya yo
"""
_NEGATIONS = """
not no nobody never nothing none cannot can't didn't doesn't don't won't nicht kein keine nie
"""
NEGATIONS = frozenset(_NEGATIONS.split())
"""They change what the next word means: part of a phrase, nothing on their own."""
STOP_WORDS = frozenset(f"{_ENGLISH} {_GERMAN} {_FRENCH} {_SPANISH}".split())
