"""The nineteen categories with their questions, in English and Spanish. They are edited in the admin afterwards."""

from django.db import migrations

ONE, MANY, TEXT, NUMBER = "one", "many", "text", "number"
PLACE, COUNT, NEVER = "place", "segment_count", "never"

YES_NO = {"yes": ("Yes", "Sí"), "no": ("No", "No"), "unsure": ("Can’t tell", "No se sabe")}
OWNER = {
    "public": ("Public", "Público"),
    "private": ("Private", "Privado"),
    "unsure": ("Can’t tell", "No se sabe"),
}
HOW_LONG = ("how_long", ONE, "How long has it been like this?", "¿Desde cuándo está así?", {
    "days": ("A few days", "Unos días"),
    "weeks": ("Some weeks", "Unas semanas"),
    "months": ("Some months", "Unos meses"),
    "year": ("A year or more", "Un año o más"),
})  # fmt: skip

# code, group, default of its group, name en, name es, CPTED, rule, look again (days), same within (m), owner, safety en, safety es
CATEGORIES = [
    ("LIGHT_OUT", "light", True, "Street light not working", "Luz de la calle que no funciona", ["NS"], PLACE, 21, 30,
     "City, state or private owner of the light",
     "Exposed wires or a pole on the ground: stay well away, don’t touch anything, call 911.",
     "Cables a la vista o un poste caído: no se acerque, no toque nada, llame al 911."),
    ("LIGHT_NONE", "light", False, "Dark stretch without a light", "Tramo oscuro sin luz", ["NS"], PLACE, 21, 30,
     "Planning", "Stay together and on the lit side of the street.",
     "Sigan juntos y por el lado iluminado de la calle."),
    ("VACANT_OPEN", "house", False, "Empty building, open to enter", "Edificio vacío, abierto", ["AC", "MM"], COUNT, 10, 25,
     "311, urgent board-up", "Do not enter. Look from the sidewalk only. Somebody inside or a fire: call 911.",
     "No entre. Mire solo desde la acera. Si hay alguien adentro o fuego, llame al 911."),
    ("VACANT_BLD", "house", True, "Empty building, closed or not sure", "Edificio vacío, cerrado o no se sabe", ["MM", "TR"],
     COUNT, 56, 25, "311, registry of vacant property",
     "Do not enter and don’t knock. Look from the sidewalk only. People may live there.",
     "No entre ni toque la puerta. Mire solo desde la acera. Puede vivir gente ahí."),
    ("DANGER_BLD", "house", False, "Dangerous building", "Edificio peligroso", [], COUNT, 60, 25, "311, dangerous buildings",
     "Keep away from walls and hanging parts. If something may fall on the sidewalk, cross the street and call 911.",
     "Aléjese de los muros y de partes sueltas. Si algo puede caer en la acera, cruce la calle y llame al 911."),
    ("VACANT_LOT", "ground", False, "Empty or overgrown lot", "Terreno vacío o con maleza", ["TR", "MM"], PLACE, 60, 50,
     "311, Land Bank", "Look from the sidewalk. Grass can hide holes, glass and needles.",
     "Mire desde la acera. La hierba puede tapar hoyos, vidrio y agujas."),
    ("DUMPING", "ground", True, "Dumped trash", "Basura tirada", ["MM"], PLACE, 21, 50, "311",
     "Don’t open bags or barrels. Smell of chemicals: step back and call 911.",
     "No abra bolsas ni barriles. Si huele a químicos, aléjese y llame al 911."),
    ("ABAND_VEH", "ground", False, "Abandoned vehicle", "Vehículo abandonado", ["MM"], PLACE, 60, 50, "311",
     "Never write or photograph the plate. Don’t touch the vehicle.",
     "Nunca escriba ni fotografíe la placa. No toque el vehículo."),
    ("NEEDLES", "ground", False, "Needles or biohazard", "Agujas o residuos peligrosos", [], PLACE, 60, 50,
     "311, health department", "Don’t touch. Keep children away. Pricked: wash with soap and see a doctor today.",
     "No toque. Aleje a los niños. Si se pinchó, lave con jabón y vea a un médico hoy."),
    ("SIDEWALK", "way", True, "Sidewalk, curb, ramp or crossing", "Acera, bordillo, rampa o cruce", [], PLACE, 60, 50,
     "Public works", "", ""),
    ("TRAFFIC", "way", False, "Speeding, signal or crossing danger", "Velocidad, semáforo o cruce peligroso", [], PLACE, 60, 50,
     "Public works", "Stay on the sidewalk while you look. Never step into the street to show it.",
     "Quédese en la acera mientras mira. Nunca baje a la calle para mostrarlo."),
    ("TRANSIT", "way", False, "Bus stop", "Parada de autobús", [], PLACE, 60, 50, "Transit agency", "", ""),
    ("UTILITY", "way", False, "Hanging wire, open manhole, missing cover", "Cable colgante, alcantarilla abierta, tapa que falta",
     [], PLACE, 60, 50, "Utility",
     "Don’t go near. A wire that sparks or touches the ground: 30 feet away, call 911, then the power company.",
     "No se acerque. Si un cable echa chispas o toca el suelo: a 10 metros, llame al 911 y luego a la compañía de luz."),
    ("OVERGROWTH", "plants", True, "Trees or bushes in the way", "Árboles o arbustos que estorban", ["NS"], PLACE, 60, 50,
     "Forestry or the owner", "", ""),
    ("SIGHTLINE", "plants", False, "Hiding spot or isolated path", "Escondite o camino aislado", ["NS", "AC"], PLACE, 60, 50,
     "CPTED officer or the owner", "Look from outside. Don’t walk into a place you can’t see the end of.",
     "Mire desde afuera. No entre donde no vea la salida."),
    ("ASSET", "good", True, "A good thing", "Algo bueno", ["AS", "TR"], PLACE, 60, 50, "", "", ""),
    ("GRAFFITI", "other", False, "Graffiti", "Grafiti", ["MM"], PLACE, 60, 50, "311 or the owner",
     "Don’t guess who did it.", "No adivine quién lo hizo."),
    ("NUISANCE", "other", False, "Property with repeated trouble", "Propiedad con problemas repetidos", [], NEVER, 60, 25,
     "An organizer", "Write only what you can see of the place and when. No names, no guesses about people. This is never public.",
     "Escriba solo lo que se ve del lugar y cuándo. Sin nombres ni suposiciones sobre personas. Esto nunca es público."),
    ("OTHER", "other", True, "Something else", "Otra cosa", [], PLACE, 60, 50, "To be decided", "", ""),
]  # fmt: skip

# category → (code, kind, label en, label es, options)
QUESTIONS = {
    "LIGHT_OUT": [
        ("what", MANY, "What is wrong with it?", "¿Qué tiene?", {
            "out": ("Out", "Apagada"), "cycling": ("Goes on and off", "Se prende y se apaga"),
            "daytime": ("On in daytime", "Prendida de día"), "dim": ("Dim", "Muy débil"),
            "purple": ("Purple", "Morada"), "tree": ("Blocked by a tree", "Tapada por un árbol"),
            "down": ("Knocked down", "Derribada"), "wires": ("Exposed wires", "Cables a la vista"),
        }),
        ("pole", TEXT, "Number on the pole", "Número del poste", {}),
        ("in_a_row", NUMBER, "How many in a row?", "¿Cuántas seguidas?", {}),
        ("under", MANY, "What is under it?", "¿Qué hay debajo?", {
            "crossing": ("A crossing", "Un cruce"), "bus_stop": ("A bus stop", "Una parada de autobús"),
        }),
    ],
    "LIGHT_NONE": [
        ("length", ONE, "How long is the dark stretch?", "¿Qué tan largo es el tramo oscuro?", {
            "house": ("One house", "Una casa"), "half": ("Half a block", "Media cuadra"), "block": ("A block", "Una cuadra"),
        }),
        ("there", MANY, "What is there?", "¿Qué hay ahí?", {
            "sidewalk": ("Sidewalk", "Acera"), "bus_stop": ("Bus stop", "Parada de autobús"), "alley": ("Alley", "Callejón"),
            "lot": ("Lot", "Terreno"), "parking": ("Parking", "Estacionamiento"), "homes": ("Homes", "Casas"),
        }),
        ("face", ONE, "Can you see a face 50 feet away?", "¿Se ve una cara a 15 metros?", YES_NO),
        ("private_lights", ONE, "Are there porch or shop lights on?", "¿Hay luces de casas o tiendas prendidas?", YES_NO),
    ],
    "VACANT_OPEN": [
        ("opening", MANY, "Which way is it open?", "¿Por dónde está abierto?", {
            "door": ("Door", "Puerta"), "window": ("Window", "Ventana"), "back": ("Back or side", "Atrás o al lado"),
            "board": ("Board torn off", "Tabla arrancada"), "roof": ("Roof or wall", "Techo o pared"),
        }),
        ("in_use", ONE, "Are there signs that it is used now?", "¿Hay señales de que se usa ahora?", YES_NO),
        ("occupied", ONE, "Does somebody live there?", "¿Vive alguien ahí?", {
            "yes": ("Yes", "Sí"), "no": ("No", "No"), "part": ("In part of it", "En una parte"), "unsure": ("Can’t tell", "No se sabe"),
        }),
        ("fire", ONE, "Fire damage?", "¿Daños por fuego?", YES_NO),
        ("children", ONE, "Children or a school near?", "¿Niños o una escuela cerca?", YES_NO),
    ],
    "VACANT_BLD": [
        ("occupied", ONE, "Does somebody live there?", "¿Vive alguien ahí?", {
            "yes": ("Yes", "Sí"), "no": ("No", "No"), "part": ("In part of it", "En una parte"), "unsure": ("Can’t tell", "No se sabe"),
        }),
        ("kind", ONE, "What kind of building?", "¿Qué tipo de edificio?", {
            "house": ("House", "Casa"), "apartments": ("Apartments", "Apartamentos"), "shop": ("Shop", "Tienda"),
            "garage": ("Garage or shed", "Garaje o cobertizo"), "other": ("Other", "Otro"),
        }),
        ("boarded", ONE, "Is it boarded up?", "¿Está tapiado?", {
            "all": ("Everywhere", "Todo"), "some": ("Partly", "En parte"), "no": ("No", "No"),
        }),
        ("sure", MANY, "Why do you think it is empty?", "¿Por qué cree que está vacío?", {
            "mail": ("Mail or papers pile up", "Correo o periódicos acumulados"), "no_meter": ("No meter", "Sin medidor"),
            "notice": ("Notice on the door", "Aviso en la puerta"), "overgrown": ("Yard overgrown", "Patio con maleza"),
            "told": ("A neighbor said so", "Lo dijo un vecino"), "guess": ("Only a guess", "Solo parece"),
        }),
        ("over_90_days", ONE, "More than 90 days?", "¿Más de 90 días?", YES_NO),
        ("land_bank", ONE, "Is there a Land Bank sign?", "¿Hay un letrero del Land Bank?", YES_NO),
    ],
    "DANGER_BLD": [
        ("what", MANY, "What is dangerous?", "¿Qué es peligroso?", {
            "wall": ("Leaning wall", "Pared inclinada"), "collapse": ("May collapse", "Puede caerse"),
            "fire": ("Fire damage", "Daños por fuego"), "holes": ("Holes in roof or wall", "Agujeros en techo o pared"),
            "foundation": ("Foundation", "Cimientos"), "hanging": ("Hanging parts", "Partes sueltas"),
        }),
        ("occupied", ONE, "Does somebody live there?", "¿Vive alguien ahí?", {
            "yes": ("Yes", "Sí"), "no": ("No", "No"), "part": ("In part of it", "En una parte"), "unsure": ("Can’t tell", "No se sabe"),
        }),
        ("over_sidewalk", ONE, "Over the sidewalk?", "¿Sobre la acera?", YES_NO),
        ("fenced", ONE, "Is there a fence around it?", "¿Tiene cerca alrededor?", YES_NO),
    ],
    "VACANT_LOT": [
        ("knee", ONE, "Is the grass above the knee?", "¿La hierba pasa de la rodilla?", YES_NO),
        ("dumping", ONE, "Is trash dumped there?", "¿Hay basura tirada?", YES_NO),
        ("path", ONE, "Do people use it as a path?", "¿La gente lo usa como camino?", YES_NO),
        ("cares", TEXT, "Who takes care of it?", "¿Quién lo cuida?", {}),
        ("idea", TEXT, "An idea for it?", "¿Una idea para este lugar?", {}),
    ],
    "DUMPING": [
        ("what", MANY, "What is it?", "¿Qué es?", {
            "bags": ("Bags", "Bolsas"), "furniture": ("Furniture, mattress", "Muebles, colchón"), "tires": ("Tires", "Llantas"),
            "building": ("Building waste", "Escombros"), "appliance": ("Appliances", "Electrodomésticos"),
            "chemicals": ("Paint, oil, chemicals", "Pintura, aceite, químicos"), "other": ("Other", "Otro"),
        }),
        ("size", ONE, "How much?", "¿Cuánto?", {
            "bag": ("A bag", "Una bolsa"), "pickup": ("A pickup load", "Una camioneta"), "truck": ("A truck load", "Un camión"),
        }),
        ("alley", ONE, "Is it in an alley?", "¿Está en un callejón?", YES_NO),
        ("repeats", ONE, "Does it happen here again and again?", "¿Pasa aquí una y otra vez?", YES_NO),
    ],
    "OVERGROWTH": [
        ("blocks", MANY, "What does it block?", "¿Qué tapa?", {
            "light": ("A light", "Una luz"), "view": ("The view", "La vista"), "sign": ("A sign", "Una señal"), "way": ("The way", "El paso"),
        }),
        ("owner", ONE, "Whose is it?", "¿De quién es?", OWNER),
    ],
    "SIDEWALK": [
        ("what", MANY, "What is wrong?", "¿Qué pasa?", {
            "broken": ("Broken or uneven", "Rota o desnivelada"), "missing": ("Missing", "No hay"),
            "blocked": ("Blocked", "Bloqueada"), "ramp": ("No ramp", "Sin rampa"), "curb": ("Curb", "Bordillo"),
            "crossing": ("Crossing is faded", "Cruce borrado"), "flooded": ("Water stands", "Agua estancada"),
        }),
        ("wheels", ONE, "Can a wheelchair or stroller pass?", "¿Pasa una silla de ruedas o un cochecito?", YES_NO),
        ("school", ONE, "Do children walk here to school?", "¿Pasan niños camino a la escuela?", YES_NO),
    ],
    "TRAFFIC": [
        ("what", MANY, "What is it?", "¿Qué es?", {
            "speed": ("Speeding", "Exceso de velocidad"), "signal": ("Signal", "Semáforo"), "sign": ("Sign", "Señal"),
            "crossing": ("Crossing", "Cruce"), "view": ("Drivers can’t see", "Los conductores no ven"),
        }),
        ("when", MANY, "When?", "¿Cuándo?", {
            "morning": ("Morning", "Mañana"), "midday": ("Midday", "Mediodía"), "evening": ("Evening", "Tarde"), "night": ("Night", "Noche"),
        }),
        ("near_miss", ONE, "Was there a near miss?", "¿Casi hubo un choque?", YES_NO),
    ],
    "GRAFFITI": [
        ("surface", ONE, "What is it on?", "¿Sobre qué está?", {
            "wall": ("Wall", "Pared"), "door": ("Door or shutter", "Puerta o cortina"), "sign": ("Sign or pole", "Señal o poste"),
            "bridge": ("Bridge", "Puente"), "other": ("Other", "Otro"),
        }),
        ("owner", ONE, "Whose is it?", "¿De quién es?", OWNER),
        ("hateful", ONE, "Is it hateful?", "¿Es de odio?", YES_NO),
    ],
    "ABAND_VEH": [
        ("where", ONE, "Where does it stand?", "¿Dónde está?", {
            "street": ("On the street", "En la calle"), "lot": ("On a lot", "En un terreno"), "alley": ("In an alley", "En un callejón"),
        }),
        ("state", MANY, "What is missing or broken?", "¿Qué le falta o está roto?", {
            "wheels": ("Wheels", "Ruedas"), "glass": ("Glass", "Vidrios"), "burnt": ("Burnt", "Quemado"), "leaking": ("Leaking", "Gotea"),
        }),
    ],
    "SIGHTLINE": [
        ("kind", ONE, "What kind of place?", "¿Qué tipo de lugar?", {
            "corner": ("Blind corner", "Esquina ciega"), "alley": ("Alley", "Callejón"), "path": ("Path", "Sendero"),
            "underpass": ("Underpass", "Paso bajo nivel"), "doorway": ("Doorway or recess", "Entrada o hueco"),
        }),
        ("way_out", ONE, "Is there another way out?", "¿Hay otra salida?", YES_NO),
        ("heard", ONE, "Would somebody hear you?", "¿Alguien le oiría?", YES_NO),
    ],
    "TRANSIT": [
        ("has", MANY, "What does it have?", "¿Qué tiene?", {
            "light": ("Light", "Luz"), "seat": ("Seat", "Asiento"), "shelter": ("Shelter", "Techo"),
            "visible": ("Seen from shops", "Se ve desde tiendas"),
        }),
    ],
    "NEEDLES": [
        ("how_many", ONE, "How many?", "¿Cuántas?", {
            "one": ("One", "Una"), "few": ("A few", "Unas pocas"), "many": ("Many", "Muchas"),
        }),
    ],
    "UTILITY": [
        ("what", ONE, "What is it?", "¿Qué es?", {
            "wire": ("Hanging wire", "Cable colgante"), "manhole": ("Open manhole", "Alcantarilla abierta"),
            "cover": ("Missing cover", "Tapa que falta"), "box": ("Open box", "Caja abierta"),
        }),
        ("over_way", ONE, "Over or in the walkway?", "¿Sobre el paso o en él?", YES_NO),
        ("sparks", ONE, "Does it spark?", "¿Echa chispas?", YES_NO),
    ],
    "NUISANCE": [
        ("signs", MANY, "What can be seen of the place?", "¿Qué se ve del lugar?", {
            "trash": ("Trash", "Basura"), "damage": ("Damage", "Daños"), "door_open": ("Doors stand open", "Puertas abiertas"),
            "noise": ("Noise", "Ruido"), "fire": ("Fire traces", "Rastros de fuego"),
        }),
        ("when", MANY, "When?", "¿Cuándo?", {
            "morning": ("Morning", "Mañana"), "midday": ("Midday", "Mediodía"), "evening": ("Evening", "Tarde"), "night": ("Night", "Noche"),
        }),
    ],
    "ASSET": [
        ("why", MANY, "What makes it work?", "¿Qué lo hace bueno?", {
            "lit": ("Well lit", "Bien iluminado"), "cared": ("Cared for", "Bien cuidado"), "people": ("People about", "Hay gente"),
            "open_late": ("Open late", "Abre hasta tarde"), "welcome": ("Welcoming", "Acogedor"), "garden": ("Garden or art", "Jardín o arte"),
        }),
        ("walk_stop", ONE, "Would it host a walk stop?", "¿Recibiría una parada de la caminata?", YES_NO),
    ],
    "OTHER": [("what", TEXT, "What is it, in one line?", "¿Qué es, en una línea?", {})],
}  # fmt: skip

HINTS = {("LIGHT_OUT", "pole"): r"^[A-Z]{3} ?\d{4}$"}
NEEDS_DARK = {"LIGHT_OUT", "LIGHT_NONE"}
NOT_ASKED_HOW_LONG = {"ASSET", "VACANT_BLD"}


def add_categories(apps, schema_editor):
    """Add what isn't there yet. What an admin has edited stays as it is."""
    Category = apps.get_model("concerns", "Category")
    for position, row in enumerate(CATEGORIES):
        code, group, default, name_en, name_es, cpted, rule, relook, duplicate_m, owner, safety_en, safety_es = row
        taken = Category.objects.filter(group=group, is_group_default=True).exclude(code=code).exists()
        category, is_new = Category.objects.get_or_create(code=code, defaults={
            "group": group, "is_group_default": default and not taken, "name_en": name_en, "name_es": name_es,
            "cpted": cpted, "publication_rule": rule, "relook_days": relook, "duplicate_m": duplicate_m,
            "default_owner": owner, "safety_en": safety_en, "safety_es": safety_es, "position": position * 10,
            "needs_dark": code in NEEDS_DARK,
        })  # fmt: skip
        if is_new:
            add_questions(apps, category)


def add_questions(apps, category):
    Question = apps.get_model("concerns", "Question")
    rows = QUESTIONS[category.code] + ([] if category.code in NOT_ASKED_HOW_LONG else [HOW_LONG])
    for position, (code, kind, label_en, label_es, options) in enumerate(rows):
        Question.objects.get_or_create(category=category, code=code, defaults={
            "kind": kind, "label_en": label_en, "label_es": label_es, "position": position * 10,
            "options": [{"code": key, "en": en, "es": es} for key, (en, es) in options.items()],
            "hint": HINTS.get((category.code, code), ""),
        })  # fmt: skip


def remove_unused_categories(apps, schema_editor):
    """Take back what nothing points at; a category that a concern uses stays."""
    Category = apps.get_model("concerns", "Category")
    Category.objects.filter(code__in=[row[0] for row in CATEGORIES], concerns=None).delete()


class Migration(migrations.Migration):
    dependencies = [("concerns", "0004_public_models")]

    operations = [migrations.RunPython(add_categories, remove_unused_categories)]
