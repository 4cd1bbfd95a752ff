extension Stage {
    /// The whole fleet is switched on at once and enrols: nobody waits for a place, all connect together, and come back
    /// when they are told to.
    func storm() async throws {
        let targets = await oracle.digests(for: fleet)
        try await countAnew()
        let phase = live(.within(seconds: 0), wait: 0, fault: .impatient)
        phase.expect(targets)
        try await judgeHerd("everybody enrols", phase)
        try await judgeEnrolment()
    }

    /// Every handset is one device, and the server and the handset agree on which.
    private func judgeEnrolment() async throws {
        let devices = try await devices()
        if devices.count != fleet.members.count {
            report.findings.append("the server has \(devices.count) devices, must have \(fleet.members.count)")
        }
        for (index, state) in try await driver.states().enumerated() {
            let serial = fleet.members[index].serial
            let known = devices[serial]?.description ?? "none"
            if known != state.device {
                report.findings.append(
                    "handset \(index) (serial \(serial)): is \(state.device), the server says \(known)")
            }
        }
    }
}
