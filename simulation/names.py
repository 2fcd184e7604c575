"""What people are called, how often, and what their friends and clerks make of it."""

import numpy as np

from simulation.randomness import Array, chance

# Commonest first: the draw is skewed, so that namesakes are as frequent as they are among people.
_FIRST = """
maria antonio jose carmen manuel francisco ana laura javier david isabel daniel carlos cristina
miguel marta lucia rafael pedro elena alejandro sara jesus paula angel pilar raquel sergio
fernando beatriz pablo rosa luis alba jorge irene alberto patricia juan silvia alvaro teresa
diego julia adrian nuria raul andrea ivan monica ruben claudia enrique sandra ramon sofia
vicente rocio oscar eva andres montserrat joaquin alicia santiago mercedes victor dolores
eduardo lorena mario margarita roberto ines jaime natalia salvador veronica hugo susana ignacio
martina marcos yolanda alfonso daniela ricardo carla emilio valeria jordi blanca guillermo
noelia gabriel clara nicolas esther julian gloria mateo amparo martin consuelo gonzalo angela
tomas olga leo aurora samuel lidia felix miriam agustin sonia hector celia esteban adela cesar
ainhoa ismael leire iker nerea unai carlota bruno vega gael candela aitor ariadna mohamed fatima
ionut elena-maria wei ling oliver emma thomas joana tiago beatrice
"""
_LAST = """
garcia rodriguez gonzalez fernandez lopez martinez sanchez perez gomez martin jimenez hernandez
ruiz diaz moreno munoz alvarez romero gutierrez alonso navarro torres dominguez ramos vazquez
ramirez gil serrano morales molina blanco suarez castro ortega delgado ortiz marin rubio nunez
medina sanz castillo iglesias cortes garrido santos guerrero lozano cano cruz mendez flores
prieto herrera pena leon marquez cabrera gallego calvo vidal campos reyes vega fuentes carrasco
diez aguilar caballero nieto santana vargas pascual gimenez herrero hidalgo montero lorenzo
santiago benitez duran arias mora ferrer carmona vicente rojas soto crespo roman velasco saez
parra moya soler bravo gallardo esteban pastor rivera franco silva rivas merino camacho lara
segura mendoza espinosa arroyo izquierdo vera heredia ramon manzano varela exposito bernal mateo
otero miranda conde galan robles beltran palacios quintana salas bermejo ibanez pereda ojeda
luque aranda zamora etxebarria agirre puig roca vila serra costa font mir ferreira pereira
oliveira smith jones taylor el-amrani popescu chen wang
"""
FIRST_NAMES, LAST_NAMES = tuple(_FIRST.split()), tuple(_LAST.split())
# Written with their accents by some, without by others.
_ACCENTS = {
    "maria": "maría",
    "jose": "josé",
    "jesus": "jesús",
    "angel": "ángel",
    "lucia": "lucía",
    "sofia": "sofía",
    "ramon": "ramón",
    "andres": "andrés",
    "joaquin": "joaquín",
    "alvaro": "álvaro",
    "ruben": "rubén",
    "raul": "raúl",
    "ivan": "iván",
    "adrian": "adrián",
    "monica": "mónica",
    "ines": "inés",
    "nicolas": "nicolás",
    "martin": "martín",
    "tomas": "tomás",
    "garcia": "garcía",
    "rodriguez": "rodríguez",
    "gonzalez": "gonzález",
    "fernandez": "fernández",
    "lopez": "lópez",
    "martinez": "martínez",
    "sanchez": "sánchez",
    "perez": "pérez",
    "gomez": "gómez",
    "jimenez": "jiménez",
    "hernandez": "hernández",
    "diaz": "díaz",
    "munoz": "muñoz",
    "alvarez": "álvarez",
    "gutierrez": "gutiérrez",
    "nunez": "núñez",
    "pena": "peña",
    "ibanez": "ibáñez",
}
_SHORT_NAMES = {
    "maria": "mari",
    "antonio": "toni",
    "jose": "pepe",
    "carmen": "mamen",
    "manuel": "manolo",
    "francisco": "paco",
    "javier": "javi",
    "isabel": "isa",
    "daniel": "dani",
    "cristina": "cris",
    "miguel": "migue",
    "rafael": "rafa",
    "alejandro": "alex",
    "jesus": "chus",
    "sergio": "sergi",
    "fernando": "nando",
    "beatriz": "bea",
    "alberto": "berto",
    "patricia": "patri",
    "silvia": "sil",
    "teresa": "tere",
    "enrique": "quique",
    "santiago": "santi",
    "mercedes": "merche",
    "dolores": "lola",
    "eduardo": "edu",
    "montserrat": "montse",
    "joaquin": "quim",
    "roberto": "rober",
    "ignacio": "nacho",
    "guillermo": "guille",
    "gabriel": "gabi",
    "consuelo": "chelo",
    "gonzalo": "gonza",
    "victor": "vito",
    "margarita": "marga",
    "veronica": "vero",
    "natalia": "nati",
}
CITIES = (
    ("Madrid", "madrid", "MADRID"),
    ("Barcelona", "barcelona", "Bcn"),
    ("Valencia", "valencia", "València"),
    ("Sevilla", "sevilla", "Seville"),
    ("Zaragoza", "zaragoza", "Saragossa"),
    ("Málaga", "Malaga", "malaga"),
    ("Murcia", "murcia", "MURCIA"),
    ("Palma, Mallorca", "Palma de Mallorca", "Palma"),
    ("Bilbao", "bilbao", "Bilbo"),
    ("Alicante", "Alacant", "alicante"),
    ("Córdoba", "Cordoba", "cordoba"),
    ("Valladolid", "valladolid", "VALLADOLID"),
    ("Vigo", "vigo", "VIGO"),
    ("Gijón", "Gijon", "gijon"),
    ("A Coruña", "La Coruña", "Coruna"),
    ("Granada", "granada", "GRANADA"),
    ("Vitoria-Gasteiz", "Vitoria", "Gasteiz"),
    ("Las Palmas", "Las Palmas de Gran Canaria", "las palmas"),
    ("Pamplona", "pamplona", "Iruña"),
    ("Almería", "Almeria", "almeria"),
    ("San Sebastián", "Donostia", "San Sebastian"),
    ("Burgos", "burgos", "BURGOS"),
    ("Santander", "santander", "SANTANDER"),
    ("Albacete", "albacete", "ALBACETE"),
    ("Lisboa", "Lisbon", "lisboa"),
    ("Porto", "Oporto", "porto"),
    ("London", "london", "Londres"),
)
_KEYS = "qwertyuiopasdfghjklzxcvbnm"


def skewed(rng: np.random.Generator, size: int, count: int) -> Array:
    """Draw places in a list of `size` whose head is commoner than its tail."""
    weights = 1 / (np.arange(size) + 4.0)
    return rng.choice(size, count, p=weights / weights.sum())


def draw_names(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Draw first names and family names, most of which are two."""
    first = np.array(FIRST_NAMES, object)[skewed(rng, len(FIRST_NAMES), count)]
    names = np.array(LAST_NAMES, object)
    father, mother = (names[skewed(rng, len(names), count)] for _ in range(2))
    has_both = chance(rng, 0.85, count)
    return first, np.where(has_both, father + " " + mother, father)


def accented(name: str) -> str:
    """Write a name with its accents."""
    return " ".join(_ACCENTS.get(word, word) for word in name.split(" "))


def short(first: str) -> str:
    """Give what friends call somebody."""
    return _SHORT_NAMES.get(first, first)


def mistyped(word: str, luck: float) -> str:
    """Make one slip of the pen: a letter left out, doubled, swapped with the next, or another.

    Args:
        word: At least one letter.
        luck: From 0 to 1; the same luck makes the same slip.
    """
    slip, rest = divmod(luck * 4, 1)
    place, other = divmod(rest * max(1, len(word) - 1), 1)
    at = int(place)
    if slip == 0 and len(word) > 3:
        return word[:at] + word[at + 1 :]
    if slip == 1:
        return word[: at + 1] + word[at:]
    if slip == 2 and len(word) > 2:
        return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    return word[:at] + _KEYS[int(other * len(_KEYS))] + word[at + 1 :]
