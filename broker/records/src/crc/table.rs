//! CRC-32C by eight tables, eight bytes a step: for targets where the processor cannot be asked.

const POLYNOMIAL_REFLECTED: u32 = 0x82f6_3b78;

/// `TABLES[k][b]`: what byte `b` contributes when `k` more bytes follow it in the same step.
static TABLES: [[u32; 256]; 8] = tables();

#[allow(clippy::as_conversions, reason = "index and byte in a const function, where From is not const")]
const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0u32; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL_REFLECTED } else { crc >> 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut byte = 0;
    while byte < 256 {
        let mut table = 1;
        while table < 8 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            table += 1;
        }
        byte += 1;
    }
    tables
}

pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    let (steps, tail) = bytes.as_chunks::<8>();
    for [a, b, c, d, e, f, g, h] in steps {
        let [w, x, y, z] = crc.to_le_bytes();
        crc = TABLES[7][usize::from(a ^ w)]
            ^ TABLES[6][usize::from(b ^ x)]
            ^ TABLES[5][usize::from(c ^ y)]
            ^ TABLES[4][usize::from(d ^ z)]
            ^ TABLES[3][usize::from(*e)]
            ^ TABLES[2][usize::from(*f)]
            ^ TABLES[1][usize::from(*g)]
            ^ TABLES[0][usize::from(*h)];
    }
    for byte in tail {
        let [low, ..] = crc.to_le_bytes();
        crc = (crc >> 8) ^ TABLES[0][usize::from(byte ^ low)];
    }
    !crc
}
