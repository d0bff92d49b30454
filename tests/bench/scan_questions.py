#!/usr/bin/env python3
"""How well `cm-scan --questions` puts together what asks the same: on made data whose groups are known.

    cargo build --release -p cm-scan
    python3 tests/bench/scan_questions.py target/release/cm-scan

Each group below is one question as different people put it. They stand in comments among greetings and other
sentences, beside questions that nobody repeats and sentences that ask nothing. Pairs of items are counted: of two that
were put together, how many belong together (precision), and of two that belong together, how many were (recall).
"""
import argparse
import itertools
import json
import random
import subprocess

GROUPS = """
How do I descale the machine?|how can i descale my machine|What is the best way to descale the machine?|Descaling the machine - how often?|Can someone tell me how to descale this machine|How often should the machine be descaled?|what do you use for getting rid of limescale in the machine?
Do you ship to Norway?|Does anyone know whether you ship to Norway|Is shipping to Norway possible?|How much is shipping to Norway?|When will you ship to Norway|Would you send a parcel to Norway?
When will the decaf be back in stock?|Any idea when decaf is back in stock|Is the decaf back in stock yet?|decaf back in stock soon??|When is decaf available again?
Is the oat drink gluten free?|Does the oat drink contain gluten?|Anyone know if the oat drink is gluten free|is your oat drink free from gluten?|Gluten in the oat drink?
How do I cancel my subscription?|How can I cancel the subscription|Is there a way to cancel my subscription online?|where do i cancel my subscription?|Why can I not cancel my subscription?|How do I get out of my subscription?
Where can I park near the Leeds shop?|Is there parking at the Leeds shop?|Can you park near the shop in Leeds?|Any parking at the Leeds shop?
Does the travel grinder work with 110 volts?|Is the travel grinder 110 volt compatible?|Can I use the travel grinder on 110 volts in the US?|travel grinder on 110 V, does it work?
Which grind size for the French press?|What grind size do I need for a French press?|How coarse is the grind for a French press?|French press grind size?
Why is the app logging me out all the time?|Anybody know why the app logs me out|How do I stop the app from logging me out?|Why does the app keep logging me out??
Can I visit the roastery in Porto on Sundays?|Is the roastery in Porto open on Sundays?|Porto roastery open Sundays?|Do you open the Porto roastery on Sunday?
Wie kann ich die Maschine entkalken?|Wie oft muss man die Maschine entkalken?|Weiß jemand, wie man die Maschine entkalkt|Womit entkalkt ihr die Maschine?
Liefert ihr auch nach Österreich?|Wird nach Österreich geliefert?|Ist eine Lieferung nach Österreich möglich?|Weiß jemand ob ihr nach Österreich liefert
Est-ce que vous livrez en Belgique ?|Livrez-vous en Belgique ?|Quelqu'un sait si la livraison en Belgique est possible|Vous livrez aussi en Belgique ?
Comment détartrer la machine ?|Comment faire pour détartrer ma machine|Avec quoi détartrez-vous la machine ?
¿Hacéis envíos a Canarias?|¿Alguien sabe si hacen envíos a Canarias|¿Es posible un envío a Canarias?|¿Cuánto cuesta el envío a Canarias?
¿El molinillo funciona con 110 voltios?|¿Puedo usar el molinillo con 110 voltios?|¿Funciona el molinillo en 110 voltios?
"""
ALONE = """Is the cat on the sacks yours?|Who painted the wall behind the counter?|Did you see the eclipse from the roof?|Why do the cups have no handles?
What became of the jazz evenings on Thursdays?|Where does the blue paint come from?|Do you take back empty bags?|Can I bring my dog to the tasting?
Is there a job for a student in summer?|Which bus goes to the old mill?|How heavy is a sack of green beans?|How many cups does the small pot make?
Wer hat das Plakat gezeichnet?|Habt ihr auch Kuchen ohne Nüsse?|Quelle est la musique de votre film ?|¿Quién escribió el libro de la barra?
Do you ship green beans to bakeries?|Is the machine in the window for sale?|Does the shop in Leeds sell the travel grinder?|Can I pay for the subscription by invoice?
Is the oat drink on offer this week?|Which roastery in Porto won the prize?|Does the decaf taste of anything?|How long has the app been around?"""
AROUND = """Hi all!|Hello from a happy customer.|Love your coffee.|I have been coming here for years.|Thank you so much!|Sorry if this was asked before.|What a day!
Greetings from the coast.|Cheers|The last bag was great.|Great post.|I read the manual and the page twice.|How time flies.|We moved house in May."""


def made(seed):
    rng, items = random.Random(seed), []
    groups = [line.split("|") for line in GROUPS.strip().split("\n")]
    alone = AROUND.replace("\n", "|").split("|")
    for number, group in enumerate(groups):
        items += [(number, question) for question in group]
    items += [(f"alone {n}", question) for n, question in enumerate(ALONE.replace("\n", "|").split("|"))]
    items += [(None, " ".join(rng.sample(alone, 3))) for _ in range(200)]
    rng.shuffle(items)
    for n, (group, question) in enumerate(items):
        end = "" if question[-1] in "?!." else "."
        text = f"{rng.choice(alone)} {question}{end if group is None else ''} {rng.choice(['', rng.choice(alone)])}"
        if question[-1] not in "?!.":
            text = f"{rng.choice(alone)} {question}\n{rng.choice(alone)}"
        yield group, {
            "id": f"urn:made:{n}", "content_text": text, "authors": [{"name": f"p{n}"}],
            "_cm": {"version": 1, "kind": rng.choice(["comment", "mention", "note"])},
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--show", action="store_true", help="what was put together wrongly, and what was not")
    args = parser.parse_args()
    items = list(made(args.seed))
    truth = {record["id"]: group for group, record in items}
    texts = {record["id"]: record["content_text"] for _, record in items}
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for _, record in items)
    run = subprocess.run([args.binary, "--questions", "*"], input=lines, text=True, capture_output=True, check=True)
    found = [json.loads(line) for line in run.stdout.split("\n")[:-1]]
    together = {frozenset(pair) for row in found for pair in itertools.combinations([i["id"] for i in row["items"]], 2)}
    wanted = {
        frozenset((a, b)) for a, b in itertools.combinations(truth, 2) if isinstance(truth[a], int) and truth[a] == truth[b]
    }
    right = together & wanted
    named = {truth[row["items"][0]["id"]] for row in found}
    print(f"{len(items)} items, {len({g for g in truth.values() if isinstance(g, int)})} questions asked 3 to 7 times, seed {args.seed}")
    print(f"groups found {len(found)}, questions among them {len({g for g in named if isinstance(g, int)})}")
    print(f"pairs: precision {len(right) / max(1, len(together)):.3f}, recall {len(right) / len(wanted):.3f}")
    if args.show:
        for pair in sorted(map(sorted, together - wanted)):
            print("together:", *(texts[i].replace("\n", " / ") for i in pair), sep="\n    ")
        for row in found:
            print(row["count"], row["question"], row["words"])


if __name__ == "__main__":
    main()
