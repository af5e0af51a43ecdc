"""The two words that phone and desk show after linking: easy to say aloud, hard to confuse."""

import secrets

_NOUNS = """avion balai bateau bocal bouton brique cabane cactus camion canard carotte castor
chaussette citron clé cloche colline comète cerise crayon dauphin dragon écharpe étoile fenêtre
flûte forêt fusée gâteau girafe guitare hérisson hibou jardin lampe lavande lézard loutre mangue
moulin nuage olive orange panda papier parapluie pêche phare piano pirate plage pomme pont renard
rivière robot rocher sapin soleil tambour tortue train valise violon""".split()
# Colours that never agree, so that the pair is always right: « loutre indigo ».
_COLOURS = """ambre argent azur bronze cannelle caramel chocolat corail crème cuivre émeraude indigo
ivoire jaune kaki mauve menthe miel moutarde ocre perle prune rose rouge rouille safran saphir
turquoise""".split()


def two_words() -> str:
    """For example « loutre indigo »: about 1,800 pairs, and only one is on the screen."""
    return f"{secrets.choice(_NOUNS)} {secrets.choice(_COLOURS)}"
