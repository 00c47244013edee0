// Proves that a failing test fails the run outside.
/// <reference types="mocha" />

suite('on purpose', () => {
  test('passes', () => {});

  test('fails', () => {
    throw new Error('failed on purpose');
  });
});
