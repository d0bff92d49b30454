//! Whether a delivery comes from the hub that knows the subscription's secret (WebSub, 7: authenticated content
//! distribution). In: `X-Hub-Signature: method=hex`, the secret, the body. Out: yes or no, in a time that tells nothing.

use ring::hmac;

/// Whether a signature fits. SHA-1 is what most hubs still send; as an HMAC it holds.
pub(crate) fn is_genuine(signature: &str, secret: &str, body: &[u8]) -> bool {
    let Some((method, digits)) = signature.trim().split_once('=') else { return false };
    let algorithm = match method.trim().to_ascii_lowercase().as_str() {
        "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => hmac::HMAC_SHA256,
        "sha384" => hmac::HMAC_SHA384,
        "sha512" => hmac::HMAC_SHA512,
        _ => return false,
    };
    let key = hmac::Key::new(algorithm, secret.as_bytes());
    bytes(digits.trim()).is_some_and(|tag| hmac::verify(&key, body, &tag).is_ok())
}

/// Hexadecimal digits as bytes; no more of them than the longest signature has.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = digits.as_bytes().chunks(2);
    (digits.len() <= 128)
        .then(|| pairs.map(|pair| Some(value(pair[0])? << 4 | value(*pair.get(1)?)?)).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 2202 and RFC 4231, test case 2.
    #[test]
    fn known_signatures_fit() {
        let (secret, body) = ("Jefe", b"what do ya want for nothing?".as_slice());
        let sha1 = "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
        let sha256 = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        for signature in
            [sha1, sha256, &sha256.to_uppercase(), " SHA1 = effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"]
        {
            assert!(is_genuine(signature, secret, body), "{signature}");
        }
        assert!(!is_genuine(sha1, "jefe", body));
        assert!(!is_genuine(sha1, secret, b"what do ya want for nothing"));
        for odd in ["", "sha1", "sha1=", "md5=00", "sha1=zz", "sha1=e", &sha1.replace("sha1", "sha256")] {
            assert!(!is_genuine(odd, secret, body), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn any_signature_is_judged(signature in "(sha1|sha512|)=?[0-9a-fé=]{0,200}") {
            prop_assert!(!is_genuine(&signature, "secret", b"body"));
        }
    }
}
