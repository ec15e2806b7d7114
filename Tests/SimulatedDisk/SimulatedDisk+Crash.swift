extension SimulatedDisk {
    /// The disk that a loss of power leaves.
    ///
    /// Nothing on it waits for a sync, and no lock is held; files without a name are gone. All choice comes from the
    /// generator, so the same disk, mode and generator leave the same.
    package func crashed(
        _ mode: CrashMode, using generator: inout some RandomNumberGenerator
    ) -> SimulatedDisk {
        var next = state
        let shared =
            mode.names == .inOrder ? state.moment(withBytes: mode.bytes == .tornPrefix, using: &generator) : nil
        next.names.restart { change in
            switch mode.names {
            case .kept: true
            case .lost: false
            case .eachAtRandom: generator.next() & 1 == 0
            case .inOrder: change.serial < shared ?? .max
            }
        }
        let kept = next.names.files().map(\.file)
        let survival = state.survival(mode.bytes, of: kept, at: shared, using: &generator)
        for index in next.files.indices { next.files[index].linkCount = 0 }
        for file in kept {
            next.files[file].linkCount += 1
            // A file with two names is one file.
            guard next.files[file].linkCount == 1 else { continue }
            next.files[file].restart(from: state.files[file].surviving(survival(file), using: &generator))
        }
        for index in next.files.indices where !next.files[index].isLinked {
            next.files[index] = FileImage()
            next.files[index].linkCount = 0
        }
        return holding(next)
    }
}

extension DiskState {
    /// A place in the order of all changes that are not durable, or one behind them.
    fileprivate func moment(withBytes: Bool, using generator: inout some RandomNumberGenerator) -> Int {
        let serials =
            names.changes.map(\.serial) + (withBytes ? files.flatMap { $0.changes.map(\.serial) } : [])
        let index = Int.random(in: 0...serials.count, using: &generator)
        return index == serials.count ? Int.max : serials.sorted()[index]
    }

    /// What becomes of each file that has a name.
    fileprivate func survival(
        _ bytes: CrashMode.Bytes, of kept: [Int], at moment: Int?, using generator: inout some RandomNumberGenerator
    ) -> (_ file: Int) -> Survival {
        switch bytes {
        case .nothing: return { _ in .nothing }
        case .everything: return { _ in .everything }
        case .randomSectors: return { _ in .random }
        case .grownAsZeros: return { _ in .within(isGrown: true) }
        case .notGrown: return { _ in .within(isGrown: false) }
        case .tornPrefix:
            if let moment { return { _ in .torn(at: moment) } }
            let serials = kept.flatMap { files[$0].changes.map(\.serial) }
            let serial = serials.randomElement(using: &generator) ?? .max
            return { _ in .torn(at: serial) }
        case .allButOneSector:
            let (chosen, offset) = sector(of: kept, using: &generator)
            return { $0 == chosen ? .allBut(sectorAt: offset) : .everything }
        case .onlyOneSector:
            let (chosen, offset) = sector(of: kept, using: &generator)
            return { .only(sectorAt: $0 == chosen ? offset : -1) }
        }
    }

    /// A sector that is not durable: its file, and where it begins.
    private func sector(
        of kept: [Int], using generator: inout some RandomNumberGenerator
    ) -> (file: Int, offset: Int) {
        let count = kept.reduce(0) { $0 + files[$1].changes.reduce(0) { $0 + $1.sectorCount } }
        guard count > 0 else { return (-1, -1) }
        var index = Int.random(in: 0..<count, using: &generator)
        for file in kept {
            for change in files[file].changes {
                if index < change.sectorCount { return (file, change.offset(ofSector: index)) }
                index -= change.sectorCount
            }
        }
        preconditionFailure("the index is below the count")
    }
}
