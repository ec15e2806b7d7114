import Foundation
import SimulatedDisk
import StoreSimulation
import Testing

@Suite("Power that is lost while executions are taken out")
struct LifecycleCrashTests {
    @Test("Lost at any call, nothing that was acknowledged is lost or comes back, and no byte stays")
    func everyCall() throws {
        let memory = URL(filePath: "/dev/shm")
        let parent = FileManager.default.isWritableFile(atPath: memory.path) ? memory : .temporaryDirectory
        let sweep = LifecycleSweep(folder: parent.appending(path: "flux-sweep-\(UUID().uuidString)"))
        let modes = [
            CrashMode(.nothing, names: .lost), CrashMode(.randomSectors, names: .eachAtRandom),
            CrashMode(.everything, names: .kept),
        ]
        #expect(try sweep.run(modes: modes) > 300)
    }
}
