//! The values of the four restricted picklists that a user needs, and what was probably meant by
//! others. The org has the last word: it may know fewer.
//!
//! Sources: picklist of `User.TimeZoneSidKey` and `User.LocaleSidKey` in a current org; Metadata API
//! Developer Guide, "Translations", for languages; Object Reference, User, for encodings.

use crate::model::{UserField, nearest};

/// Whether the org may take the value; if not, what was probably meant.
pub(super) fn check(field: UserField, value: &str) -> Result<(), Option<&'static str>> {
    let known = match field {
        UserField::TimeZone => TIME_ZONES,
        UserField::Locale => LOCALES,
        UserField::Language => LANGUAGES,
        UserField::EmailEncoding => ENCODINGS,
        _ => return Ok(()),
    };
    if known.split_whitespace().any(|one| one == value) {
        return Ok(());
    }
    let alias = ZONE_ALIASES.iter().find(|(other, _)| *other == value).map(|(_, known)| *known);
    let language = value.get(..2).unwrap_or(value);
    let related = || known.split_whitespace().find(|one| one.get(..2) == Some(language));
    Err(alias.or_else(|| nearest(value, known.split_whitespace())).or_else(related))
}

/// Names that the zone database knows and Salesforce does not, and what Salesforce calls them.
const ZONE_ALIASES: &[(&str, &str)] = &[
    ("Europe/Kyiv", "Europe/Kiev"),
    ("Asia/Yangon", "Asia/Rangoon"),
    ("America/Nuuk", "America/Godthab"),
    ("Pacific/Kanton", "Pacific/Enderbury"),
    ("Atlantic/Faroe", "Atlantic/Faeroe"),
    ("Africa/Asmara", "Africa/Asmera"),
    ("America/Atikokan", "America/Coral_Harbour"),
    ("Pacific/Chuuk", "Pacific/Truk"),
    ("Pacific/Pohnpei", "Pacific/Ponape"),
    ("America/Argentina/Catamarca", "America/Catamarca"),
    ("America/Argentina/Cordoba", "America/Cordoba"),
    ("America/Argentina/Jujuy", "America/Jujuy"),
    ("America/Argentina/Mendoza", "America/Mendoza"),
    ("America/Kentucky/Louisville", "America/Louisville"),
    ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("America/Indianapolis", "America/Indiana/Indianapolis"),
    ("Asia/Calcutta", "Asia/Kolkata"),
    ("Asia/Katmandu", "Asia/Kathmandu"),
    ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
    ("UTC", "GMT"),
    ("Etc/UTC", "GMT"),
    ("US/Eastern", "America/New_York"),
    ("US/Central", "America/Chicago"),
    ("US/Mountain", "America/Denver"),
    ("US/Pacific", "America/Los_Angeles"),
    ("US/Alaska", "America/Anchorage"),
    ("US/Hawaii", "Pacific/Honolulu"),
    ("US/Arizona", "America/Phoenix"),
];

/// `TimeZoneSidKey`.
const TIME_ZONES: &str = "\
    GMT Pacific/Kiritimati Pacific/Apia Pacific/Enderbury Pacific/Fakaofo Pacific/Tongatapu \
    Pacific/Chatham Pacific/Auckland Pacific/Fiji Pacific/Funafuti Pacific/Kwajalein \
    Pacific/Majuro Pacific/Nauru Pacific/Tarawa Pacific/Wake Pacific/Wallis \
    Pacific/Bougainville Pacific/Efate Pacific/Guadalcanal Pacific/Kosrae Pacific/Norfolk \
    Pacific/Noumea Pacific/Ponape Pacific/Guam Pacific/Port_Moresby Pacific/Saipan Pacific/Truk \
    Pacific/Palau Pacific/Easter Pacific/Galapagos Pacific/Pitcairn Pacific/Gambier \
    Pacific/Marquesas Pacific/Honolulu Pacific/Johnston Pacific/Rarotonga Pacific/Tahiti \
    Pacific/Midway Pacific/Niue Pacific/Pago_Pago Antarctica/McMurdo Antarctica/Casey \
    Antarctica/DumontDUrville Antarctica/Macquarie Antarctica/Davis Antarctica/Vostok \
    Antarctica/Mawson Antarctica/Syowa Antarctica/Troll Antarctica/Palmer Antarctica/Rothera \
    Asia/Anadyr Asia/Kamchatka Asia/Magadan Asia/Sakhalin Asia/Srednekolymsk Asia/Ust-Nera \
    Asia/Vladivostok Asia/Chita Asia/Dili Asia/Jayapura Asia/Khandyga Asia/Pyongyang Asia/Seoul \
    Asia/Tokyo Asia/Yakutsk Asia/Brunei Asia/Choibalsan Asia/Hong_Kong Asia/Irkutsk \
    Asia/Kuala_Lumpur Asia/Kuching Asia/Macau Asia/Makassar Asia/Manila Asia/Shanghai \
    Asia/Singapore Asia/Taipei Asia/Ulaanbaatar Asia/Bangkok Asia/Barnaul Asia/Ho_Chi_Minh \
    Asia/Hovd Asia/Jakarta Asia/Krasnoyarsk Asia/Novokuznetsk Asia/Novosibirsk Asia/Phnom_Penh \
    Asia/Pontianak Asia/Tomsk Asia/Vientiane Asia/Rangoon Asia/Almaty Asia/Bishkek Asia/Dhaka \
    Asia/Omsk Asia/Qostanay Asia/Thimphu Asia/Urumqi Asia/Kathmandu Asia/Colombo Asia/Kolkata \
    Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Atyrau Asia/Dushanbe Asia/Karachi Asia/Oral \
    Asia/Qyzylorda Asia/Samarkand Asia/Tashkent Asia/Yekaterinburg Asia/Kabul Asia/Baku \
    Asia/Dubai Asia/Muscat Asia/Tbilisi Asia/Yerevan Asia/Tehran Asia/Aden Asia/Baghdad \
    Asia/Bahrain Asia/Kuwait Asia/Qatar Asia/Riyadh Asia/Amman Asia/Beirut Asia/Damascus \
    Asia/Famagusta Asia/Gaza Asia/Hebron Asia/Jerusalem Asia/Nicosia Australia/Lord_Howe \
    Australia/Brisbane Australia/Currie Australia/Hobart Australia/Lindeman Australia/Melbourne \
    Australia/Sydney Australia/Adelaide Australia/Broken_Hill Australia/Darwin Australia/Eucla \
    Australia/Perth Indian/Christmas Indian/Cocos Indian/Chagos Indian/Kerguelen \
    Indian/Maldives Indian/Mahe Indian/Mauritius Indian/Reunion Indian/Antananarivo \
    Indian/Comoro Indian/Mayotte Europe/Astrakhan Europe/Samara Europe/Saratov Europe/Ulyanovsk \
    Europe/Istanbul Europe/Kirov Europe/Minsk Europe/Moscow Europe/Simferopol Europe/Volgograd \
    Europe/Athens Europe/Bucharest Europe/Chisinau Europe/Helsinki Europe/Kaliningrad \
    Europe/Kiev Europe/Mariehamn Europe/Riga Europe/Sofia Europe/Tallinn Europe/Uzhgorod \
    Europe/Vilnius Europe/Zaporozhye Europe/Amsterdam Europe/Andorra Europe/Belgrade \
    Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest Europe/Busingen \
    Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg Europe/Madrid \
    Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague \
    Europe/Rome Europe/San_Marino Europe/Sarajevo Europe/Skopje Europe/Stockholm Europe/Tirane \
    Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw Europe/Zagreb Europe/Zurich \
    Europe/Dublin Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/Lisbon Europe/London \
    Africa/Addis_Ababa Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala \
    Africa/Mogadishu Africa/Nairobi Africa/Blantyre Africa/Bujumbura Africa/Cairo \
    Africa/Gaborone Africa/Harare Africa/Johannesburg Africa/Juba Africa/Khartoum Africa/Kigali \
    Africa/Lubumbashi Africa/Lusaka Africa/Maputo Africa/Maseru Africa/Mbabane Africa/Tripoli \
    Africa/Windhoek Africa/Algiers Africa/Bangui Africa/Brazzaville Africa/Ceuta Africa/Douala \
    Africa/Kinshasa Africa/Lagos Africa/Libreville Africa/Luanda Africa/Malabo Africa/Ndjamena \
    Africa/Niamey Africa/Porto-Novo Africa/Tunis Africa/Abidjan Africa/Accra Africa/Bamako \
    Africa/Banjul Africa/Bissau Africa/Casablanca Africa/Conakry Africa/Dakar Africa/El_Aaiun \
    Africa/Freetown Africa/Lome Africa/Monrovia Africa/Nouakchott Africa/Ouagadougou \
    Africa/Sao_Tome Arctic/Longyearbyen Atlantic/Canary Atlantic/Faeroe Atlantic/Madeira \
    Atlantic/Reykjavik Atlantic/St_Helena Atlantic/Azores Atlantic/Cape_Verde \
    Atlantic/South_Georgia Atlantic/Stanley Atlantic/Bermuda America/Danmarkshavn \
    America/Scoresbysund America/Noronha America/Araguaina America/Argentina/Buenos_Aires \
    America/Argentina/La_Rioja America/Argentina/Rio_Gallegos America/Argentina/Salta \
    America/Argentina/San_Juan America/Argentina/San_Luis America/Argentina/Tucuman \
    America/Argentina/Ushuaia America/Bahia America/Belem America/Catamarca America/Cayenne \
    America/Cordoba America/Fortaleza America/Godthab America/Jujuy America/Maceio \
    America/Mendoza America/Miquelon America/Montevideo America/Paramaribo America/Punta_Arenas \
    America/Recife America/Santarem America/Sao_Paulo America/St_Johns America/Anguilla \
    America/Antigua America/Aruba America/Asuncion America/Barbados America/Blanc-Sablon \
    America/Boa_Vista America/Campo_Grande America/Caracas America/Cuiaba America/Curacao \
    America/Dominica America/Glace_Bay America/Goose_Bay America/Grenada America/Guadeloupe \
    America/Guyana America/Halifax America/Kralendijk America/La_Paz America/Lower_Princes \
    America/Manaus America/Marigot America/Martinique America/Moncton America/Montserrat \
    America/Port_of_Spain America/Porto_Velho America/Puerto_Rico America/Santiago \
    America/Santo_Domingo America/St_Barthelemy America/St_Kitts America/St_Lucia \
    America/St_Thomas America/St_Vincent America/Thule America/Tortola America/Bogota \
    America/Cancun America/Cayman America/Coral_Harbour America/Detroit America/Eirunepe \
    America/Grand_Turk America/Guayaquil America/Havana America/Indiana/Indianapolis \
    America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay \
    America/Indiana/Vincennes America/Indiana/Winamac America/Iqaluit America/Jamaica \
    America/Kentucky/Monticello America/Lima America/Louisville America/Montreal America/Nassau \
    America/New_York America/Nipigon America/Panama America/Pangnirtung America/Port-au-Prince \
    America/Rio_Branco America/Thunder_Bay America/Toronto America/Bahia_Banderas \
    America/Belize America/Chicago America/Costa_Rica America/El_Salvador America/Guatemala \
    America/Indiana/Knox America/Indiana/Tell_City America/Managua America/Matamoros \
    America/Menominee America/Merida America/Mexico_City America/Monterrey \
    America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem \
    America/Rainy_River America/Rankin_Inlet America/Regina America/Resolute \
    America/Swift_Current America/Tegucigalpa America/Winnipeg America/Boise \
    America/Cambridge_Bay America/Chihuahua America/Creston America/Dawson America/Dawson_Creek \
    America/Denver America/Edmonton America/Fort_Nelson America/Hermosillo America/Inuvik \
    America/Mazatlan America/Ojinaga America/Phoenix America/Whitehorse America/Yellowknife \
    America/Los_Angeles America/Santa_Isabel America/Tijuana America/Vancouver \
    America/Anchorage America/Juneau America/Metlakatla America/Nome America/Sitka \
    America/Yakutat America/Adak";

/// `LocaleSidKey`.
const LOCALES: &str = "\
    af_ZA am_ET ar_AE ar_BH ar_DZ ar_EG ar_IQ ar_JO ar_KW ar_LB ar_LY ar_MA ar_OM ar_QA ar_SA \
    ar_SD ar_SY ar_TN ar_YE az_AZ be_BY bg_BG bn_BD bn_IN bs_BA ca_ES ca_ES_EURO cs_CZ cy_GB \
    da_DK de_AT de_AT_EURO de_BE de_CH de_DE de_DE_EURO de_LU de_LU_EURO dz_BT el_CY el_GR \
    en_AE en_AG en_AU en_BB en_BE en_BM en_BS en_BW en_BZ en_CA en_CM en_CY en_DE en_ER en_FJ \
    en_FK en_GB en_GH en_GI en_GM en_GY en_HK en_ID en_IE en_IE_EURO en_IL en_IN en_JM en_KE \
    en_KY en_LR en_MG en_MT en_MU en_MW en_MY en_NA en_NG en_NL en_NZ en_PG en_PH en_PK en_RW \
    en_SB en_SC en_SG en_SH en_SL en_SX en_SZ en_TO en_TT en_TZ en_UG en_US en_VU en_WS en_ZA \
    es_AR es_BO es_CL es_CO es_CR es_CU es_DO es_EC es_ES es_ES_EURO es_GT es_HN es_MX es_NI \
    es_PA es_PE es_PR es_PY es_SV es_US es_UY es_VE et_EE eu_ES fa_IR fi_FI fi_FI_EURO fr_BE \
    fr_CA fr_CH fr_FR fr_FR_EURO fr_GN fr_HT fr_KM fr_LU fr_MA fr_MC fr_MR fr_WF ga_IE gu_IN \
    haw_US hi_IN hmn_US hr_HR ht_HT ht_US hu_HU hy_AM in_ID is_IS it_CH it_IT iw_IL ja_JP ji_US \
    ka_GE kk_KZ kl_GL km_KH kn_IN ko_KP ko_KR ky_KG lb_LU lo_LA lt_LT lu_CD lv_LV mi_NZ mk_MK \
    ml_IN mr_IN ms_BN ms_MY mt_MT my_MM ne_NP nl_AW nl_BE nl_NL nl_SR no_NO pa_IN pl_PL ps_AF \
    pt_AO pt_BR pt_CV pt_MZ pt_PT pt_ST rm_CH rn_BI ro_MD ro_RO ru_AM ru_BY ru_KG ru_KZ ru_LT \
    ru_MD ru_PL ru_RU ru_UA sh_BA sh_CS sh_ME sh_ME_USD sk_SK sl_SI sm_US sm_WS so_DJ so_SO \
    sq_AL sr_BA sr_CS sr_RS sv_SE sw_KE ta_IN ta_LK te_IN tg_TJ th_TH ti_ET tl_PH tr_TR uk_UA \
    ur_PK uz_LATN_UZ vi_VN xh_ZA yo_BJ zh_CN zh_CN_PINYIN zh_CN_STROKE zh_HK zh_HK_STROKE zh_MO \
    zh_MY zh_SG zh_TW zh_TW_STROKE zu_ZA";

/// `LanguageLocaleKey`.
const LANGUAGES: &str = "\
    af am ar ar_AE ar_BH ar_DZ ar_EG ar_IQ ar_JO ar_KW ar_LB ar_LY ar_MA ar_OM ar_QA ar_SA \
    ar_SD ar_SY ar_TN ar_YE bg bn bs ca cs cy da de de_AT de_BE de_CH de_DE de_LU el el_CY \
    en_AE en_AU en_BE en_CA en_CY en_DE en_GB en_HK en_IE en_IL en_IN en_MT en_MY en_NL en_NZ \
    en_PH en_SG en_US en_ZA es es_AR es_BO es_CL es_CO es_CR es_DO es_EC es_GT es_HN es_MX \
    es_NI es_PA es_PE es_PR es_PY es_SV es_US es_UY es_VE et eu fa fi fr fr_BE fr_CA fr_CH \
    fr_LU fr_MA ga gu haw hi hmn hr ht hu hy in is it it_CH iw ja ji ka kk kl km kn ko lb lt lv \
    mi mk ml mr ms mt my nl_BE nl_NL no pa pl pt_BR pt_PT rm ro ro_MD ru ru_AM ru_BY ru_KG \
    ru_KZ ru_LT ru_MD ru_PL ru_UA sh sh_ME sk sl sm sq sr sv sw ta te th tl tr uk ur vi xh \
    zh_CN zh_HK zh_MY zh_SG zh_TW zu";

/// `EmailEncodingKey`.
const ENCODINGS: &str = "\
    UTF-8 ISO-8859-1 Shift_JIS ISO-2022-JP EUC-JP ks_c_5601-1987 Big5 GB2312 Big5-HKSCS \
    x-SJIS_0213";
