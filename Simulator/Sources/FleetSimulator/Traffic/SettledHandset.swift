import DeviceAgent

/// A handset that holds its policy, and what it would ask now.
struct SettledHandset: Sendable {
    let secrets: Handset.Secrets
    let checkIn: Handset.CheckIn
}
