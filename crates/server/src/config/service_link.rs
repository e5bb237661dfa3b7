//! Variables that an orchestrator puts into every container to tell where other services are.

/// Whether a variable has the shape of one: `…_SERVICE_HOST`, `…_SERVICE_PORT`, `…_SERVICE_PORT_<name>`, `…_PORT`
/// with the URL of an address, and `…_PORT_<number>_<protocol>`, alone or with `_PROTO`, `_PORT` or `_ADDR`.
pub(super) fn is_service_link(variable: &str, value: &str) -> bool {
    variable.ends_with("_SERVICE_HOST")
        || variable.ends_with("_SERVICE_PORT")
        || named_port(variable)
        || (variable.ends_with("_PORT") && value.contains("://"))
        || numbered_port(variable)
}

fn named_port(variable: &str) -> bool {
    let name = variable.split_once("_SERVICE_PORT_").map_or("", |(_, name)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn numbered_port(variable: &str) -> bool {
    let whole = ["_PROTO", "_PORT", "_ADDR"].iter().find_map(|end| variable.strip_suffix(end));
    [Some(variable), whole].into_iter().flatten().any(|variable| {
        let Some((before, protocol)) = variable.rsplit_once('_') else { return false };
        let number = before.rsplit_once("_PORT_").map_or("", |(_, number)| number);
        ["TCP", "UDP", "SCTP"].contains(&protocol) && number.parse::<u16>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::super::keys::{KEYS, variable};
    use super::*;

    const URL: &str = "tcp://10.0.0.2:5432";

    #[test]
    fn the_shapes_of_a_service_link_are_known_for_a_service_of_any_name() {
        for rest in ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP"] {
            for service in ["PINFOLD", "PINFOLD_DB", "PINFOLD_POSTGRESQL_2"] {
                assert!(is_service_link(&format!("{service}_{rest}"), URL), "{service}_{rest}");
            }
        }
        for rest in ["PORT_53_UDP_PROTO", "PORT_53_UDP_PORT", "PORT_5060_SCTP_ADDR"] {
            assert!(is_service_link(&format!("PINFOLD_DB_{rest}"), ""), "{rest}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for (variable, value) in [
            ("PINFOLD_DB_PORT", "5432"),
            ("PINFOLD_DB_SERVICE_HOSTS", ""),
            ("PINFOLD_DB_SERVICE_PORTS", ""),
            ("PINFOLD_DB_SERVICE_PORT_", ""),
            ("PINFOLD_DB_PORT_80", URL),
            ("PINFOLD_DB_PORT_X_TCP", URL),
            ("PINFOLD_DB_PORT_80_TCP_NAME", URL),
            ("PINFOLD_DB_PORT_80_TCP_ADDR_ADDR", URL),
            ("PINFOLD_DB_NAME", "/pinfold/db"),
            ("PINFOLD_DB_ENV_PATH", "/"),
        ] {
            assert!(!is_service_link(variable, value), "{variable}");
        }
    }

    #[test]
    fn no_key_has_a_variable_of_that_shape() {
        for key in KEYS.iter() {
            assert!(!is_service_link(&variable(key.name, Some(0)), URL), "{}", key.name);
        }
    }
}
