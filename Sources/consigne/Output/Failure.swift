/// Why a command ends without having done its work; the exit codes are those of sysexits(3).
struct Failure: Error, CustomStringConvertible {
    enum Code: Int32 {
        case dataRefused = 65
        case inputUnreadable = 66
        case serverUnreachable = 69
        case serverFailed = 70
        case outputUnwritable = 73
        case tryAgain = 75
        case protocolUnknown = 76
        case notAllowed = 77
    }

    let code: Code
    let description: String
    /// Whether it is known that nothing was done.
    let isDefinite: Bool

    init(_ code: Code, _ description: String, isDefinite: Bool = true) {
        self.code = code
        self.description = description
        self.isDefinite = isDefinite
    }
}
