//! A chain judged by rustls-webpki from its bytes, as bench/x509/verify.cc has it.
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{anchor_from_trusted_cert, EndEntityCert, KeyUsage, ALL_VERIFICATION_ALGS};

use crate::work::{Clock, Work};
use crate::{Fields, Outcome};

const BATCH: usize = 16;

/// root=, intermediate=, leaf= in hexadecimal, name= of the server, time= in seconds since 1970.
pub fn verifier(fields: &Fields) -> Outcome<Work> {
    let root = CertificateDer::from(fields.bytes("root")?);
    let anchors = [anchor_from_trusted_cert(&root)?.to_owned()];
    let intermediates = [CertificateDer::from(fields.bytes("intermediate")?)];
    let leaf = CertificateDer::from(fields.bytes("leaf")?);
    let name = ServerName::try_from(fields.text("name")?.to_owned())?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(fields.text("time")?.parse()?));
    Ok(Box::new(move |clock: &mut Clock| {
        clock.measure(|| {
            for _ in 0..BATCH {
                let end = EndEntityCert::try_from(&leaf)?;
                let usage = KeyUsage::server_auth();
                end.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &intermediates, time, usage, None, None)?;
                end.verify_is_valid_for_subject_name(&name)?;
            }
            Ok(())
        })?;
        Ok(BATCH)
    }))
}
