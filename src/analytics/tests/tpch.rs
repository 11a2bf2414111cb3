//! Tables of the shape of TPC-H, a few hundred rows each, the same every time. Words are fewer than there, so that
//! every query finds something.

use std::fmt::Write;

use chrono::{Days, NaiveDate};

const SUPPLIERS: u64 = 30;
const CUSTOMERS: u64 = 120;
const PARTS: u64 = 200;
const ORDERS: u64 = 600;
/// Suppliers of a part.
const SOURCES: u64 = 4;

const REGIONS: [&str; 5] = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"];
#[rustfmt::skip]
const NATIONS: [(&str, u64); 25] = [
    ("ALGERIA", 0), ("ARGENTINA", 1), ("BRAZIL", 1), ("CANADA", 1), ("EGYPT", 4), ("ETHIOPIA", 0), ("FRANCE", 3),
    ("GERMANY", 3), ("INDIA", 2), ("INDONESIA", 2), ("IRAN", 4), ("IRAQ", 4), ("JAPAN", 2), ("JORDAN", 4), ("KENYA", 0),
    ("MOROCCO", 0), ("MOZAMBIQUE", 0), ("PERU", 1), ("CHINA", 2), ("ROMANIA", 3), ("SAUDI ARABIA", 4), ("VIETNAM", 2),
    ("RUSSIA", 3), ("UNITED KINGDOM", 3), ("UNITED STATES", 1),
];
const COLOURS: [&str; 6] = ["forest", "green", "almond", "antique", "blush", "frosted"];
const SEGMENTS: [&str; 5] = ["AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"];
const TYPES: [&str; 5] = [
    "ECONOMY ANODIZED STEEL",
    "PROMO BURNISHED BRASS",
    "MEDIUM POLISHED COPPER",
    "STANDARD PLATED BRASS",
    "PROMO PLATED TIN",
];
const BRANDS: [&str; 4] = ["Brand#12", "Brand#23", "Brand#34", "Brand#45"];
const CONTAINERS: [&str; 4] = ["SM CASE", "MED BOX", "MED BAG", "LG PACK"];
const SIZES: [u64; 10] = [1, 3, 5, 9, 14, 15, 19, 23, 36, 49];
const PRIORITIES: [&str; 5] = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"];
const MODES: [&str; 4] = ["AIR", "AIR REG", "MAIL", "SHIP"];
const INSTRUCTIONS: [&str; 2] = ["DELIVER IN PERSON", "TAKE BACK RETURN"];
const COMMENTS: [&str; 4] =
    ["carefully final deposits", "special packages and requests", "Customer sends Complaints", "quick foxes sleep"];

/// Name and CSV text of each table.
pub(super) fn tables() -> Vec<(&'static str, String)> {
    let mut dice = Dice(42);
    let (orders, lineitem) = orders(&mut dice);
    vec![
        ("region", region()),
        ("nation", nation()),
        ("supplier", supplier(&mut dice)),
        ("customer", customer(&mut dice)),
        ("part", part(&mut dice)),
        ("partsupp", partsupp(&mut dice)),
        ("orders", orders),
        ("lineitem", lineitem),
    ]
}

/// Numbers that look thrown; Knuth's constants.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }

    /// An amount with two decimals.
    fn amount(&mut self, least: u64, most: u64) -> String {
        let cents = least * 100 + self.below((most - least) * 100);
        format!("{}.{:02}", cents / 100, cents % 100)
    }

    fn phone(&mut self, nation: u64) -> String {
        format!("{}-{:03}-{:03}-{:04}", nation + 10, self.below(1_000), self.below(1_000), self.below(10_000))
    }
}

/// The supplier of a part by its number among them.
fn source(part: u64, number: u64) -> u64 {
    (part + number * 7) % SUPPLIERS
}

fn region() -> String {
    let mut out = "r_regionkey,r_name,r_comment\n".to_owned();
    for (key, name) in REGIONS.iter().enumerate() {
        writeln!(out, "{key},{name},{}", COMMENTS[key % COMMENTS.len()]).unwrap();
    }
    out
}

fn nation() -> String {
    let mut out = "n_nationkey,n_name,n_regionkey,n_comment\n".to_owned();
    for (key, (name, region)) in NATIONS.iter().enumerate() {
        writeln!(out, "{key},{name},{region},{}", COMMENTS[key % COMMENTS.len()]).unwrap();
    }
    out
}

fn supplier(dice: &mut Dice) -> String {
    let mut out = "s_suppkey,s_name,s_address,s_nationkey,s_phone,s_acctbal,s_comment\n".to_owned();
    for key in 0..SUPPLIERS {
        let nation = key % NATIONS.len() as u64;
        let (phone, balance, comment) = (dice.phone(nation), dice.amount(0, 9_999), dice.of(&COMMENTS));
        writeln!(out, "{key},Supplier#{key:09},{key} Dock Road,{nation},{phone},{balance},{comment}").unwrap();
    }
    out
}

fn customer(dice: &mut Dice) -> String {
    let mut out = "c_custkey,c_name,c_address,c_nationkey,c_phone,c_acctbal,c_mktsegment,c_comment\n".to_owned();
    for key in 0..CUSTOMERS {
        let nation = dice.below(NATIONS.len() as u64);
        let (phone, balance) = (dice.phone(nation), dice.amount(0, 9_999));
        let (segment, comment) = (dice.of(&SEGMENTS), dice.of(&COMMENTS));
        let name = format!("Customer#{key:09}");
        writeln!(out, "{key},{name},{key} High Street,{nation},{phone},{balance},{segment},{comment}").unwrap();
    }
    out
}

fn part(dice: &mut Dice) -> String {
    let mut out = "p_partkey,p_name,p_mfgr,p_brand,p_type,p_size,p_container,p_retailprice,p_comment\n".to_owned();
    for key in 0..PARTS {
        let name = format!("{} {} {key}", dice.of(&COLOURS), dice.of(&COLOURS));
        let (brand, kind, size, container) = (dice.of(&BRANDS), dice.of(&TYPES), dice.of(&SIZES), dice.of(&CONTAINERS));
        let (maker, price, comment) = (&brand[6..7], dice.amount(900, 2_000), dice.of(&COMMENTS));
        writeln!(out, "{key},{name},Manufacturer#{maker},{brand},{kind},{size},{container},{price},{comment}").unwrap();
    }
    out
}

fn partsupp(dice: &mut Dice) -> String {
    let mut out = "ps_partkey,ps_suppkey,ps_availqty,ps_supplycost,ps_comment\n".to_owned();
    for part in 0..PARTS {
        for number in 0..SOURCES {
            let (quantity, cost, comment) = (dice.below(9_999) + 1, dice.amount(1, 1_000), dice.of(&COMMENTS));
            writeln!(out, "{part},{},{quantity},{cost},{comment}", source(part, number)).unwrap();
        }
    }
    out
}

fn orders(dice: &mut Dice) -> (String, String) {
    let mut orders = "o_orderkey,o_custkey,o_orderstatus,o_totalprice,o_orderdate,o_orderpriority,o_clerk,\
        o_shippriority,o_comment\n"
        .to_owned();
    let mut lines = "l_orderkey,l_partkey,l_suppkey,l_linenumber,l_quantity,l_extendedprice,l_discount,l_tax,\
        l_returnflag,l_linestatus,l_shipdate,l_commitdate,l_receiptdate,l_shipinstruct,l_shipmode,l_comment\n"
        .to_owned();
    let first = NaiveDate::from_ymd_opt(1992, 1, 1).unwrap();
    let now = NaiveDate::from_ymd_opt(1995, 6, 17).unwrap();
    for key in 0..ORDERS {
        // Every third customer has not ordered yet.
        let customer = dice.below(CUSTOMERS / 3) * 3 + 1 + dice.below(2);
        let ordered = first + Days::new(dice.below(2_400));
        let (mut open, count, mut total) = (0, dice.below(9) + 1, 0);
        for line in 1..=count {
            let part = dice.below(PARTS);
            let supplier = source(part, dice.below(SOURCES));
            let (quantity, discount, tax) = (dice.below(50) + 1, dice.below(11), dice.below(9));
            let price = quantity * (900 + part * 5);
            total += price;
            let shipped = ordered + Days::new(dice.below(121) + 1);
            let due = ordered + Days::new(dice.below(61) + 30);
            let received = shipped + Days::new(dice.below(30) + 1);
            let returned = if received > now { "N" } else { dice.of(&["R", "A"]) };
            let status = if shipped > now { "O" } else { "F" };
            open += u64::from(shipped > now);
            let (how, by, comment) = (dice.of(&INSTRUCTIONS), dice.of(&MODES), dice.of(&COMMENTS));
            write!(lines, "{key},{part},{supplier},{line},{quantity},{price},0.{discount:02},0.{tax:02},").unwrap();
            writeln!(lines, "{returned},{status},{shipped},{due},{received},{how},{by},{comment}").unwrap();
        }
        let status = if open == 0 {
            "F"
        } else if open == count {
            "O"
        } else {
            "P"
        };
        let (priority, comment, clerk) = (dice.of(&PRIORITIES), dice.of(&COMMENTS), dice.below(9));
        writeln!(orders, "{key},{customer},{status},{total},{ordered},{priority},Clerk#{clerk},0,{comment}").unwrap();
    }
    (orders, lines)
}
