import FluxLog
import Testing

@testable import FluxStore

@Suite("Disk watch")
struct DiskWatchTests {
    private func time(_ nanoseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: nanoseconds) }

    @Test("A step is reported when it is slow and when it has stalled, while it runs, and no more")
    func reports() {
        var watch = DiskWatch(slowNanoseconds: 100)
        #expect(watch.look(now: time(0)).next == nil && watch.isAsleep)
        #expect(watch.begin(.sync, now: time(10)) == true)
        var look = watch.look(now: time(10))
        #expect(look.report == nil && look.next == time(110))
        look = watch.look(now: time(109))
        #expect(look.report == nil && look.next == time(110))
        look = watch.look(now: time(115))
        #expect(look.report == DiskWatch.Report(step: .sync, nanoseconds: 105, isStall: false))
        #expect(look.next == time(3010) && !watch.isAsleep)
        look = watch.look(now: time(3010))
        #expect(look.report == DiskWatch.Report(step: .sync, nanoseconds: 3000, isStall: true))
        #expect(look.next == nil && watch.isAsleep)
        #expect(watch.look(now: time(9000)).report == nil)
        #expect(watch.end(now: time(9010)) == DiskWatch.Ended(step: .sync, nanoseconds: 9000, wasReported: true))
        #expect(watch.end(now: time(9020)) == nil)
    }

    @Test("Who looks is woken for the first step behind a quiet time, and not for those that follow")
    func sleep() {
        var watch = DiskWatch(slowNanoseconds: 100)
        _ = watch.look(now: time(0))
        #expect(watch.begin(.roll, now: time(50)) == true)
        #expect(watch.end(now: time(60)) == DiskWatch.Ended(step: .roll, nanoseconds: 10, wasReported: false))
        #expect(watch.begin(.sync, now: time(70)) == false)
        _ = watch.end(now: time(80))
        // Steps have come and gone: a look once in a limit is enough.
        #expect(watch.look(now: time(90)).next == time(190))
        #expect(watch.begin(.sync, now: time(150)) == false)
        let look = watch.look(now: time(190))
        #expect(look.report == nil && look.next == time(250))
        _ = watch.end(now: time(200))
        #expect(watch.look(now: time(250)).next == time(350))
        // Nothing has begun since.
        #expect(watch.look(now: time(350)).next == nil && watch.isAsleep)
        #expect(watch.begin(.sync, now: time(400)) == true)
    }

    @Test("The first of many lines passes, and then one a second, which counts the others")
    func rateLimit() {
        var limit = RateLimit()
        let second: UInt64 = 1_000_000_000
        #expect(limit.pass(now: time(5)) == 1)
        #expect(limit.pass(now: time(6)) == nil)
        #expect(limit.pass(now: time(4 + second)) == nil)
        #expect(limit.pass(now: time(5 + second)) == 3)
        #expect(limit.pass(now: time(5 + 3 * second)) == 1)
    }

    @Test(
        "A threshold out of range is brought to its ends",
        arguments: [
            (Duration.zero, UInt64(1_000_000)), (.milliseconds(20), 20_000_000), (.seconds(1), 1_000_000_000),
            (.seconds(1 << 40), 3_600_000_000_000),
        ])
    func threshold(given: Duration, nanoseconds: UInt64) {
        var options = StoreOptions(slowSyncThreshold: given)
        #expect(options.slowSyncNanoseconds == nanoseconds)
        options.slowSyncThreshold = given
        #expect(options.slowSyncNanoseconds == nanoseconds)
    }
}
