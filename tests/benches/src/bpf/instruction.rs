use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

use super::{Array, raw};

// Opcodes and pseudo sources in include/uapi/linux/bpf.h and bpf_common.h.
const ADD_IMMEDIATE: u8 = 0x07;
const ADD_REGISTER: u8 = 0x0f;
const AND_IMMEDIATE: u8 = 0x57;
const MOVE_IMMEDIATE: u8 = 0xb7;
const MOVE_REGISTER: u8 = 0xbf;
const LOAD_64: u8 = 0x79;
const STORE_32: u8 = 0x63;
const STORE_64: u8 = 0x7b;
const LOAD_WIDE: u8 = 0x18;
const JUMP_IF_EQUAL: u8 = 0x15;
const JUMP_IF_NOT_EQUAL: u8 = 0x55;
const JUMP_IF_GREATER: u8 = 0x25;
const JUMP_IF_LESS_THAN_REGISTER: u8 = 0xad;
const CALL: u8 = 0x85;
const EXIT: u8 = 0x95;
const PSEUDO_MAP_FD: u8 = 1;
const PSEUDO_MAP_VALUE: u8 = 2;

/// r0 has what a helper answers, r1 to r5 what it is given; r6 to r9 outlive it; r10 is the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Register(pub(crate) u8);

/// The helpers that are called here, by their numbers in include/uapi/linux/bpf.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum Helper {
    MapLookupElem = 1,
    KtimeGetNs = 5,
    Redirect = 23,
    XdpAdjustTail = 65,
    XdpGetBuffLen = 188,
    XdpStoreBytes = 190,
}

/// `struct bpf_insn`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Instruction {
    code: u8,
    /// The destination in the low half, the source in the high one.
    registers: u8,
    offset: i16,
    immediate: i32,
}

/// A place that is jumped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label(usize);

/// Writes instructions one after the other.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    instructions: Vec<Instruction>,
    /// Where each label stands, once it does.
    labels: Vec<Option<usize>>,
    /// Which instructions jump where.
    jumps: Vec<(usize, Label)>,
}

impl Assembler {
    pub(crate) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Put a label before the next instruction.
    pub(crate) fn place(&mut self, Label(label): Label) {
        self.labels[label] = Some(self.instructions.len());
    }

    pub(crate) fn set(&mut self, to: Register, value: i32) {
        self.write(MOVE_IMMEDIATE, to, Register(0), 0, value);
    }

    pub(crate) fn copy(&mut self, to: Register, from: Register) {
        self.write(MOVE_REGISTER, to, from, 0, 0);
    }

    pub(crate) fn add(&mut self, to: Register, value: i32) {
        self.write(ADD_IMMEDIATE, to, Register(0), 0, value);
    }

    pub(crate) fn add_register(&mut self, to: Register, from: Register) {
        self.write(ADD_REGISTER, to, from, 0, 0);
    }

    pub(crate) fn and(&mut self, to: Register, value: i32) {
        self.write(AND_IMMEDIATE, to, Register(0), 0, value);
    }

    /// Eight bytes from `offset` behind where `at` points.
    pub(crate) fn load(&mut self, to: Register, at: Register, offset: i16) {
        self.write(LOAD_64, to, at, offset, 0);
    }

    pub(crate) fn store(&mut self, at: Register, offset: i16, from: Register) {
        self.write(STORE_64, at, from, offset, 0);
    }

    pub(crate) fn store_half(&mut self, at: Register, offset: i16, from: Register) {
        self.write(STORE_32, at, from, offset, 0);
    }

    /// A map, for helpers that take one.
    pub(crate) fn map(&mut self, to: Register, map: &Array) {
        self.wide(to, PSEUDO_MAP_FD, map);
    }

    /// A pointer to the value of a map that has one.
    pub(crate) fn value(&mut self, to: Register, map: &Array) {
        self.wide(to, PSEUDO_MAP_VALUE, map);
    }

    pub(crate) fn if_equal(&mut self, one: Register, other: i32, label: Label) {
        self.jump(JUMP_IF_EQUAL, one, Register(0), other, label);
    }

    pub(crate) fn if_not_equal(&mut self, one: Register, other: i32, label: Label) {
        self.jump(JUMP_IF_NOT_EQUAL, one, Register(0), other, label);
    }

    pub(crate) fn if_greater(&mut self, one: Register, other: i32, label: Label) {
        self.jump(JUMP_IF_GREATER, one, Register(0), other, label);
    }

    pub(crate) fn if_less(&mut self, one: Register, other: Register, label: Label) {
        self.jump(JUMP_IF_LESS_THAN_REGISTER, one, other, 0, label);
    }

    pub(crate) fn call(&mut self, helper: Helper) {
        self.write(CALL, Register(0), Register(0), 0, helper as i32);
    }

    /// End with what r0 has.
    pub(crate) fn leave(&mut self) {
        self.write(EXIT, Register(0), Register(0), 0, 0);
    }

    /// End with `answer`.
    pub(crate) fn exit(&mut self, answer: i32) {
        self.set(Register(0), answer);
        self.leave();
    }

    /// The program. Fails where a label stands nowhere or too far away.
    pub(crate) fn finish(mut self) -> io::Result<Vec<Instruction>> {
        for (from, Label(label)) in &self.jumps {
            let distance = self.labels[*label].and_then(|to| to.checked_sub(from + 1));
            let distance = distance.and_then(|distance| i16::try_from(distance).ok());
            self.instructions[*from].offset =
                distance.ok_or_else(|| io::Error::other("a jump leads nowhere"))?;
        }
        Ok(self.instructions)
    }

    fn jump(&mut self, code: u8, one: Register, other: Register, immediate: i32, label: Label) {
        self.jumps.push((self.instructions.len(), label));
        self.write(code, one, other, 0, immediate);
    }

    /// Two instructions long.
    fn wide(&mut self, to: Register, what: u8, map: &Array) {
        let fd: &OwnedFd = map.as_ref();
        let fd = raw(fd.as_fd()).cast_signed();
        self.write(LOAD_WIDE, to, Register(what), 0, fd);
        self.write(0, Register(0), Register(0), 0, 0);
    }

    fn write(&mut self, code: u8, to: Register, from: Register, offset: i16, immediate: i32) {
        let registers = to.0 | from.0 << 4;
        self.instructions.push(Instruction { code, registers, offset, immediate });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_lead_to_their_labels() {
        let mut program = Assembler::default();
        let end = program.label();
        program.if_equal(Register(1), 7, end);
        program.copy(Register(2), Register(10));
        program.place(end);
        program.exit(2);
        let written = program.finish().unwrap();
        let fields = |one: &Instruction| (one.code, one.registers, one.offset, one.immediate);
        let fields: Vec<_> = written.iter().map(fields).collect();
        assert_eq!(fields, [(0x15, 1, 1, 7), (0xbf, 0xa2, 0, 0), (0xb7, 0, 0, 2), (0x95, 0, 0, 0)]);
    }

    #[test]
    fn a_label_that_stands_nowhere_is_an_error() {
        let mut program = Assembler::default();
        let end = program.label();
        program.if_equal(Register(1), 7, end);
        assert!(program.finish().is_err());
    }
}
