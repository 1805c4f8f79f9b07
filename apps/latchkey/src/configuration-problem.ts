/** The configuration cannot be used; the message names every setting that is wrong and what it should be. */
export class ConfigurationProblem extends Error {
  override readonly name = 'ConfigurationProblem';
}
