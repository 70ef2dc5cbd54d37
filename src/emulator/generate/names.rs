//! What people, places and companies are called.

/// A part of the world: how it is set up, and how people there are called.
pub(super) struct Region {
    pub(super) country: &'static str,
    pub(super) city: &'static str,
    pub(super) zone: &'static str,
    pub(super) locale: &'static str,
    pub(super) language: &'static str,
    pub(super) first: &'static [&'static str],
    pub(super) last: &'static [&'static str],
}

pub(super) const REGIONS: [Region; 9] = [
    Region {
        country: "United States",
        city: "Columbus",
        zone: "America/New_York",
        locale: "en_US",
        language: "en_US",
        first: &[
            "Jamie", "Morgan", "Riley", "Avery", "Dana", "Casey", "Marcus", "Elena", "Priya",
            "Andre", "Nadia", "Owen", "Tessa", "Curtis", "Maya", "Devon", "Leah", "Quentin",
        ],
        last: &[
            "Rivera", "Hollis", "Okafor", "Brandt", "Whitaker", "Delgado", "Pruitt", "Sandoval",
            "Mercer", "Ashford", "Langley", "Kessler", "Varga", "Bellamy", "O'Rourke", "Tran",
        ],
    },
    Region {
        country: "United States",
        city: "Sacramento",
        zone: "America/Los_Angeles",
        locale: "en_US",
        language: "en_US",
        first: &[
            "Kim", "Rowan", "Luis", "Sofia", "Grace", "Tyler", "Aisha", "Noah", "Imani", "Cole",
            "Hana", "Felix", "Brooke", "Mateo", "Iris", "Simon",
        ],
        last: &[
            "Osei", "Castillo", "Nakamura", "Fletcher", "Reyes", "Singh", "Marlowe", "Duarte",
            "Park", "Winslow", "Ibarra", "Crane", "Holloway", "Baptiste", "Yoon", "Stanton",
        ],
    },
    Region {
        country: "United Kingdom",
        city: "Leeds",
        zone: "Europe/London",
        locale: "en_GB",
        language: "en_US",
        first: &[
            "Alistair", "Freya", "Callum", "Imogen", "Rhys", "Poppy", "Ewan", "Nisha", "Harriet",
            "Tariq", "Bethan", "Lewis", "Siobhan", "Graham",
        ],
        last: &[
            "Thornbury",
            "Macrae",
            "Ellison",
            "Prosser",
            "Khan",
            "Whitlock",
            "Ferris",
            "Adeyemi",
            "Coldwell",
            "Hargreave",
            "Patel",
            "Quayle",
            "Bannister",
            "Lockhart",
        ],
    },
    Region {
        country: "Germany",
        city: "Kassel",
        zone: "Europe/Berlin",
        locale: "de_DE",
        language: "de",
        first: &[
            "Jürgen", "Annika", "Björn", "Käthe", "Lukas", "Sabine", "Thorsten", "Mirjam", "Emre",
            "Greta", "Holger", "Leonie", "Ralf", "Ulrike",
        ],
        last: &[
            "Müller",
            "Vogelsang",
            "Schröder",
            "Weiß",
            "Brinkmann",
            "Köhler",
            "Yılmaz",
            "Lindner",
            "Große",
            "Petersen",
            "Fröhlich",
            "Hartwig",
            "Kranz",
            "Ackermann",
        ],
    },
    Region {
        country: "France",
        city: "Dijon",
        zone: "Europe/Paris",
        locale: "fr_FR",
        language: "fr",
        first: &[
            "Élodie", "Benoît", "Camille", "Théo", "Anaïs", "Rémi", "Chloé", "Mathieu", "Zoé",
            "Karim", "Solène", "Yann",
        ],
        last: &[
            "Lefèvre",
            "Garnier",
            "Dubreuil",
            "Marchand",
            "Bénard",
            "Chevallier",
            "Nguyen",
            "Perrault",
            "Roussel",
            "D'Arcy",
            "Vasseur",
            "Couturier",
        ],
    },
    Region {
        country: "Spain",
        city: "Zaragoza",
        zone: "Europe/Madrid",
        locale: "es_ES",
        language: "es",
        first: &[
            "Íñigo", "Lucía", "Andrés", "Begoña", "Joaquín", "Nuria", "Ramón", "Sofía", "Álvaro",
            "Carmen", "Marta", "Víctor",
        ],
        last: &[
            "Muñoz",
            "Ibáñez",
            "Fuentes",
            "Ordóñez",
            "Salcedo",
            "Peña",
            "Villalba",
            "Quiroga",
            "Arriaga",
            "Núñez",
            "Carrasco",
            "Benítez",
        ],
    },
    Region {
        country: "Poland",
        city: "Lublin",
        zone: "Europe/Warsaw",
        locale: "pl_PL",
        language: "pl",
        first: &[
            "Łukasz",
            "Agnieszka",
            "Wojciech",
            "Małgorzata",
            "Paweł",
            "Zofia",
            "Grzegorz",
            "Iwona",
            "Rafał",
            "Kinga",
        ],
        last: &[
            "Zieliński",
            "Wójcik",
            "Dąbrowska",
            "Kamiński",
            "Łuczak",
            "Pawlak",
            "Sikora",
            "Żak",
            "Marczak",
            "Gajewska",
        ],
    },
    Region {
        country: "Brazil",
        city: "Campinas",
        zone: "America/Sao_Paulo",
        locale: "pt_BR",
        language: "pt_BR",
        first: &[
            "João",
            "Luíza",
            "Thiago",
            "Débora",
            "Caio",
            "Fernanda",
            "Otávio",
            "Renata",
            "Vinícius",
            "Bruna",
            "Letícia",
            "Marcelo",
        ],
        last: &[
            "Magalhães",
            "Teixeira",
            "Brandão",
            "Couto",
            "Figueiredo",
            "Araújo",
            "Nogueira",
            "Paixão",
            "Siqueira",
            "Vasconcelos",
            "Leitão",
            "Moura",
        ],
    },
    Region {
        country: "Japan",
        city: "Sendai",
        zone: "Asia/Tokyo",
        locale: "ja_JP",
        language: "ja",
        first: &[
            "Haruto", "Yui", "Kenji", "Aoi", "Sora", "Mio", "Takumi", "Rina", "Daichi", "Emi",
            "Shun", "Nanami",
        ],
        last: &[
            "Takahashi",
            "Shimizu",
            "Okada",
            "Fujimoto",
            "Hayashi",
            "Morita",
            "Kondo",
            "Ishida",
            "Nishimura",
            "Ueda",
            "Matsuda",
            "Arai",
        ],
    },
];

const COMPANY_FIRST: [&str; 50] = [
    "Amber", "Aspen", "Atlas", "Beacon", "Birch", "Blue", "Bright", "Cedar", "Clear", "Cobalt",
    "Copper", "Coral", "Crown", "Delta", "Dune", "Eagle", "East", "Ember", "Falcon", "Fern",
    "First", "Forge", "Garnet", "Granite", "Green", "Grove", "Harbor", "Hazel", "Iron", "Juniper",
    "Lake", "Lantern", "Maple", "Meridian", "North", "Oak", "Olive", "Onyx", "Pine", "Prairie",
    "Quarry", "River", "Silver", "Slate", "South", "Stone", "Summit", "Timber", "Vale", "West",
];

const COMPANY_SECOND: [&str; 32] = [
    "bridge", "brook", "crest", "dale", "field", "ford", "gate", "haven", "hill", "hollow", "land",
    "line", "mark", "mill", "mont", "path", "peak", "point", "port", "ridge", "rock", "shore",
    "side", "spring", "stead", "stream", "tower", "view", "ward", "water", "wood", "works",
];

const COMPANY_TRADE: [&str; 16] = [
    "Analytics",
    "Automation",
    "Foods",
    "Freight",
    "Health",
    "Instruments",
    "Insurance",
    "Logistics",
    "Manufacturing",
    "Materials",
    "Media",
    "Optics",
    "Partners",
    "Retail",
    "Systems",
    "Textiles",
];

pub(super) const INDUSTRIES: [&str; 8] = [
    "Technology",
    "Manufacturing",
    "Retail",
    "Healthcare",
    "Insurance",
    "Energy",
    "Education",
    "Transportation",
];

pub(super) const TITLES: [&str; 12] = [
    "Buyer",
    "Lead Buyer",
    "Operations Manager",
    "Account Coordinator",
    "Warehouse Supervisor",
    "Finance Analyst",
    "Service Technician",
    "Purchasing Director",
    "Office Manager",
    "Project Engineer",
    "Sales Representative",
    "Quality Inspector",
];

pub(super) const DEPARTMENTS: [&str; 6] =
    ["Purchasing", "Operations", "Finance", "Service", "Sales", "Quality"];

/// The name of the company with a number: no two have the same.
pub(super) fn company(number: u64) -> String {
    let all = (COMPANY_FIRST.len() * COMPANY_SECOND.len() * COMPANY_TRADE.len()) as u64;
    // The factor has no divisor in common with the number of names, so none comes twice.
    let mixed = (number % all) * 7919 % all;
    let part = |list: &[&'static str], at: u64| {
        usize::try_from(at).ok().and_then(|at| list.get(at)).copied().unwrap_or_default()
    };
    let firsts = COMPANY_FIRST.len() as u64;
    let seconds = COMPANY_SECOND.len() as u64;
    let name = format!(
        "{}{} {}",
        part(&COMPANY_FIRST, mixed % firsts),
        part(&COMPANY_SECOND, mixed / firsts % seconds),
        part(&COMPANY_TRADE, mixed / firsts / seconds),
    );
    match number / all {
        0 => name,
        round => format!("{name} {}", round + 1),
    }
}

/// A name in the letters that addresses are made of.
pub(super) fn plain(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'a'..='z' | '0'..='9' => text.push(c),
            'A'..='Z' => text.push(c.to_ascii_lowercase()),
            'ä' | 'Ä' | 'á' | 'Á' | 'à' | 'ã' | 'ą' => text.push('a'),
            'ç' | 'ć' => text.push('c'),
            'é' | 'É' | 'è' | 'ê' | 'ë' | 'ę' => text.push('e'),
            'í' | 'Í' | 'î' | 'ï' | 'ı' => text.push('i'),
            'ł' | 'Ł' => text.push('l'),
            'ñ' | 'ń' => text.push('n'),
            'ö' | 'Ö' | 'ó' | 'ô' | 'õ' => text.push('o'),
            'ś' => text.push('s'),
            'ß' => text.push_str("ss"),
            'ü' | 'Ü' | 'ú' => text.push('u'),
            'ź' | 'ż' | 'Ż' => text.push('z'),
            ' ' => text.push('-'),
            _ => {}
        }
    }
    text
}
