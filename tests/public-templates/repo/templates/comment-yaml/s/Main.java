// ${{ values.nope }}
class Main {}
