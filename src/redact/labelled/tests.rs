use super::super::secrets::hide;

/// `§…§` marks what has to go.
fn check(marked: &str) {
    let parts: Vec<&str> = marked.split('§').collect();
    let text = parts.concat();
    let clean: String = parts
        .iter()
        .enumerate()
        .map(|(index, part)| if index % 2 == 1 { "***" } else { part })
        .collect();
    assert_eq!(hide(&text), clean, "{text}");
    assert_eq!(hide(&clean), clean, "twice is once");
}

#[test]
fn properties_headers_and_parameters() {
    for text in [
        "password=§S3cretPw§ user=x",
        "password=§A,a47;x§",
        "{user=x, password=§A,a47;x§, url=y}",
        "Properties[password=§x1y2§]",
        "jdbc:x://h/db?user=u&password=§p1&p2§&ssl=true",
        "ConnectionString=Server=x;Pwd=§a;b§;Encrypt=true",
        "api-key: §k1§",
        "X-Token: §abc§ def",
        r"x\npw=§abc1§\nuser=x",
        "otp=§123456§",
        "pin=§1234§",
        "-Dpw=§x1§ -jar",
        "-Dsecret.key=§x1§",
        "?sv=2022&sig=§a%2Fb%3D§&se=2026",
        "SAMLResponse=§PHNhbWxw§&RelayState=x",
        "Kennwort=§geheim§",
        "spring.datasource.password: §hunter§",
        "AccountKey=§abc/def==§;EndpointSuffix=x",
        "password%3D§hunter§%26user%3Dx",
        "db.password.2 = §hunter§",
        "password => '§a'b§'",
        r#"{"client_secret" : "§a\"b§", "x": 1}"#,
        r#"{"log":"{\"apiKey\": \"§hunter§\"}"}"#,
        "params[password]=§hunter§",
        "passwd[0]=§hunter§",
        "password (again): §hunter§",
    ] {
        check(text);
    }
}

#[test]
fn command_lines() {
    for text in [
        "-Djavax.net.ssl.keyStorePassword §S3cretPw§ -jar x",
        "--password §hunter§ --user x",
        "--client-secret '§a b§' x",
        "[\"--password\", \"§hunter§\"]",
        "keytool -list -storepass §hunter§ -v",
        "openssl pkcs12 -passin §pass:hunter§ -in x",
    ] {
        check(text);
    }
}

#[test]
fn sentences() {
    for text in [
        "init keystore with password §changeit§",
        "init keystore with password §changeit§.",
        "setting password to '§X y§'",
        "Setting property 'ssl.password' to '§X y§'",
        "password is §hn12pw§",
        "passwd §S3cret§",
        "PASSWORD §S3cret§ used",
        "secret '§hunter§' was read",
        "the password has been set to: §geheim§",
        "System property x.keyStorePassword is set to '§hunter§'",
    ] {
        check(text);
    }
}

#[test]
fn elements_attributes_and_pairs() {
    for text in [
        "<wsse:Password Type=\"http://x#PasswordText\">§S3cretPw§</wsse:Password>",
        "<password>§X1§</password><user>x</user>",
        "&lt;password&gt;§X1§&lt;/password&gt;",
        "<password><![CDATA[§a<b§]]></password>",
        "<password value='§X1§'/>",
        "<property name=\"password\" value=\"§X1§\"/>",
        "<property value=\"§X1§\" name=\"password\"/>",
        "<property name=\"password\"><value>§X1§</value></property>",
        "<entry key=\"db.password\">§X1§</entry>",
        "<param-name>password</param-name><param-value>§X1§</param-value>",
        r#"{"name":"password","value":"§X1§"}"#,
        r#"{"value": "§X1§", "name": "password"}"#,
        r#"[{"name":"user","value":"bob"},{"name":"password","value":"§X1§"}]"#,
        r#"{\"name\":\"password\",\"value\":\"§X1§\"}"#,
    ] {
        check(text);
    }
}

#[test]
fn values_on_the_next_line() {
    for text in [
        "--password\n§hunter§",
        "--password \\\n  §hunter§ \\\n  --user x",
        "password=\\\n  §hunter§",
        "Password:\n§hunter§",
        "<Password>\n  §hunter§\n</Password>",
        "\"name\": \"password\",\n  \"value\": \"§hunter§\"",
        "<name>password</name>\n<value>§hunter§</value>",
        "2026-11-21T10:00:01Z stdout F --password\n2026-11-21T10:00:02Z stdout F §hunter§",
    ] {
        check(text);
    }
    assert_eq!(
        hide("Authorization: Bearer\n hn12tok"),
        "Authorization: ***\n ***"
    );
    // a token that was wrapped
    let clean = hide("sent Bearer abc123def456abc\nd7e8f9Aa1\nand more");
    assert_eq!(clean, "sent Bearer ***\n***\nand more");
    // what stands below is the next property, entry, row, or a word of its own
    for text in [
        "password=\nuser=bob",
        "Password:\njavax.net.ssl|DEBUG|10|main|2026-11-21 24:03:38.000 UTC|A.java:2|x",
        "Master Secret:\n0000: 01 02 03 04",
        "\"name\": \"password\",\n  \"type\": \"x\"",
        "password=\n\tat a.b.C(D.java:1)",
        "2026-11-21 10 password=\n2026-11-21 11 ",
        "2026-11-21 10 --password\n2026-11-21 11 \r\n",
    ] {
        check(text);
    }
}

#[test]
fn what_is_said_about_secrets_is_none() {
    for text in [
        "java.io.IOException: keystore password was incorrect",
        "Keystore was tampered with, or password was incorrect",
        "Password verification failed",
        "java.security.UnrecoverableKeyException: Password must not be null",
        "password is not set, password protected, wrong password supplied.",
        "bypass=1 compass: north passed=3 passwords: 4 keyStorePasswordFile=/x",
        "token_binding (24) tokenizer=x spin=3 mapping: 4 design=x RSA: signature=x",
        "jdk.tls.allowLegacyMasterSecret=true",
        "\"extended_master_secret (23)\": {",
        "Session-ID: 52340F3C52340F3C52340F3C",
        "\"session id\"          : \"52 34 0F 3C\",",
        "at com.acme.Token.java:55 TokenFilter.doFilter(TokenFilter.java:1234)",
        "javax.net.ssl|DEBUG|10|main|2026-11-21 24:03:38.000 UTC|SSLSocketImpl.java:1234|pass",
        "tryFirstPass is false useFirstPass is false storePass is false clearPass is false",
        "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA TLSv1.3 17.0.9 2026-11-21",
        "<password/><password></password>",
        "the 'password' field, the '-storepass' option, password (optional)",
        "if (password == null) token=null secret: {",
    ] {
        check(text);
    }
}
