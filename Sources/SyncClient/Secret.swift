import SyncCore

/// A token or credential: 32 random bytes in hexadecimal, made where it is used; others get its hash.
public enum Secret {
    public static func make(using generator: inout some RandomNumberGenerator) -> String {
        Hex.text(of: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    public static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return make(using: &generator)
    }

    public static func hash(_ secret: String) -> Digest { Digest(hashing: Array(secret.utf8)) }
}
