"""What people write about: counted by people, nobody quoted."""

from cxlab.data import Engine
from cxlab.feedback.word_counts import frequent_words


def counted(comments, **given):
    engine = Engine()
    engine.execute("CREATE TABLE said (k INTEGER, u VARCHAR, comment VARCHAR)")
    for k, u, text in comments:
        engine.execute(f"INSERT INTO said VALUES ({k}, '{u}', '{text}')")
    found = frequent_words(engine, "said", **given)
    return {(row.k, row.theme): (row.n, row.comments) for row in found.itertuples()}


def test_a_person_counts_once_and_few_people_not_at_all():
    said = [(1, f"u{k}", "Parcel broken!") for k in range(5)] + [(1, "u0", "parcel again")] * 9
    said += [(1, f"v{k}", "dreadful") for k in range(4)]
    assert counted(said) == {(1, "parcel broken"): (5, 5)}


def test_pairs_stand_for_their_words_and_negations_belong_to_them():
    said = [(1, f"u{k}", "The app does not work") for k in range(6)] + [(2, f"u{k}", "GRÖßE fehlt") for k in range(6)]
    found = counted(said)
    assert (1, "not work") in found and (1, "work") not in found
    assert (1, "app") in found and (1, "the") not in found
    assert (2, "größe fehlt") in found


def test_only_the_most_frequent_ones_are_told():
    said = [(1, f"u{k}", f"alpha {'beta' if k else 'gamma'} delta") for k in range(12)]
    assert len(counted(said, most=1)) == 1
