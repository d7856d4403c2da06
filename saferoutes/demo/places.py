"""Independence Avenue in Kansas City: where things are. Coordinates are (longitude, latitude) in WGS 84.

The line and the cross streets are facts about the street; block numbers are approximate, and so is the patrol division.
"""

CORRIDOR = "Independence Avenue"

LINE = [
    (-94.544071, 39.106088), (-94.542275, 39.106024), (-94.541812, 39.106008), (-94.540493, 39.10596),
    (-94.539064, 39.105899), (-94.538751, 39.105885), (-94.537657, 39.105841), (-94.537224, 39.10583),
    (-94.535332, 39.105782), (-94.535277, 39.10578), (-94.534132, 39.105742), (-94.533024, 39.1057),
    (-94.531904, 39.105657), (-94.531517, 39.105646), (-94.530709, 39.105623), (-94.530321, 39.105611),
    (-94.529536, 39.105589), (-94.529163, 39.105575), (-94.528375, 39.105544), (-94.52799, 39.105529),
    (-94.527243, 39.1055), (-94.526089, 39.105455), (-94.525745, 39.105443), (-94.524889, 39.105424),
    (-94.523774, 39.105388), (-94.523372, 39.105376), (-94.522615, 39.105346), (-94.521415, 39.105298),
    (-94.521082, 39.105284), (-94.520255, 39.105251), (-94.519107, 39.105208), (-94.518785, 39.105199),
]  # fmt: skip

# Name, where it meets the Avenue, number of the block that begins there (going east).
CROSS_STREETS = [
    ("Benton Blvd", (-94.544071, 39.106088), 3200),
    ("Indiana Ave", (-94.542275, 39.106024), 3300),
    ("Bales Ave", (-94.540493, 39.10596), 3400),
    ("Askew Ave", (-94.538751, 39.105885), 3500),
    ("Cleveland Ave", (-94.537657, 39.105841), 3600),
    ("Myrtle Ave", (-94.535332, 39.105782), 3800),
    ("Norton Ave", (-94.534132, 39.105742), 3900),
    ("Jackson Ave", (-94.533024, 39.1057), 4000),
    ("Spruce Ave", (-94.531517, 39.105646), 4200),
    ("Kensington Ave", (-94.530709, 39.105623), 4300),
    ("Cypress Ave", (-94.529163, 39.105575), 4500),
    ("Elmwood Ave", (-94.52799, 39.105529), 4600),
    ("Lawn Ave", (-94.527243, 39.1055), 4700),
    ("Van Brunt Blvd", (-94.525745, 39.105443), 4800),
    ("Brighton Ave", (-94.523774, 39.105388), 4900),
    ("Quincy Ave", (-94.522615, 39.105346), 5000),
    ("Colorado Ave", (-94.520255, 39.105251), 5100),
    ("Hardesty Ave", (-94.518785, 39.105199), None),
]

# Fire Station 23 stands 31 m south of the line, at Lawn.
FIRE_STATION = (-94.526736, 39.105198)

NEIGHBORHOODS = {
    "Independence Plaza": [
        (-94.54455, 39.09694), (-94.54462, 39.09543), (-94.54549, 39.09608), (-94.5464, 39.09654),
        (-94.54836, 39.09692), (-94.54989, 39.09679), (-94.55338, 39.09584), (-94.55618, 39.0958),
        (-94.55567, 39.10648), (-94.54407, 39.10609), (-94.54455, 39.09694),
    ],
    "Lykins": [
        (-94.51725, 39.10239), (-94.51864, 39.10144), (-94.51898, 39.10146), (-94.519, 39.10123),
        (-94.52134, 39.10023), (-94.53048, 39.0979), (-94.53391, 39.09683), (-94.54337, 39.09257),
        (-94.5437, 39.09404), (-94.54405, 39.09472), (-94.54462, 39.09543), (-94.54407, 39.10609),
        (-94.51314, 39.10499), (-94.51725, 39.10239),
    ],
    "Scarritt Point": [
        (-94.53107, 39.12006), (-94.52743, 39.12005), (-94.52772, 39.11816), (-94.52778, 39.1169),
        (-94.52879, 39.11682), (-94.52998, 39.11717), (-94.53018, 39.11593), (-94.53249, 39.116),
        (-94.53302, 39.1057), (-94.54848, 39.10622), (-94.54817, 39.11091), (-94.54803, 39.11735),
        (-94.54818, 39.11818), (-94.53841, 39.11966), (-94.53107, 39.12006),
    ],
    "South Indian Mound": [
        (-94.51175, 39.10595), (-94.51321, 39.10527), (-94.51423, 39.10544), (-94.5144, 39.10528),
        (-94.51433, 39.10503), (-94.53302, 39.1057), (-94.53266, 39.11293), (-94.50935, 39.11213),
        (-94.5095, 39.10899), (-94.50968, 39.10847), (-94.5098, 39.10694), (-94.51175, 39.10595),
    ],
}  # fmt: skip

# A rough square around the corridor: the real division is larger and of another shape.
EAST_PATROL = [
    (-94.575, 39.055), (-94.485, 39.055), (-94.485, 39.135), (-94.575, 39.135), (-94.575, 39.055),
]  # fmt: skip

# Where the coalition works: what is outside is accepted and flagged.
SERVICE_BOUNDS = [
    (-94.62, 39.05), (-94.46, 39.05), (-94.46, 39.15), (-94.62, 39.15), (-94.62, 39.05),
]  # fmt: skip

LANDMARKS = [
    ("Fire Station 23", "fire_station", FIRE_STATION, "4777 Independence Ave", "Toilets and parking at the station"),
    ("Lantern Bakery", "business", (-94.52852, 39.10571), "4602 Independence Ave", ""),
    ("El Faro Laundry", "business", (-94.53441, 39.10560), "3811 Independence Ave", ""),
    ("Benton Tire and Brake", "business", (-94.54360, 39.10592), "3219 Independence Ave", ""),
    ("Copper Kettle Diner", "business", (-94.54190, 39.10616), "3308 Independence Ave", ""),
    ("Panadería La Espiga", "business", (-94.53850, 39.10602), "3512 Independence Ave", ""),
    ("Northeast Key and Lock", "business", (-94.53710, 39.10568), "3617 Independence Ave", ""),
    ("Phở Little Lotus", "business", (-94.53395, 39.10559), "3905 Independence Ave", ""),
    ("Blue Heron Barbers", "business", (-94.53250, 39.10553), "4015 Independence Ave", ""),
    ("Suuqa Nuur Grocery", "business", (-94.53030, 39.10576), "4308 Independence Ave", ""),
    ("Second Spin Bicycles", "business", (-94.52900, 39.10542), "4515 Independence Ave", ""),
    ("Violet Hour Nails", "business", (-94.52540, 39.10559), "4804 Independence Ave", ""),
    ("Hardesty Hardware", "business", (-94.51960, 39.10508), "5101 Independence Ave", ""),
    ("Bus stop at Van Brunt", "transit", (-94.52590, 39.10557), "Independence Ave at Van Brunt", ""),
    ("Corner of Askew", "meeting_point", (-94.53880, 39.10600), "Independence Ave at Askew", "Parking on Askew Ave"),
]
