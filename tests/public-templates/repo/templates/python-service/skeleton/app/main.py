"""${{ values.name }}"""
NAME = ${{ values.name | dump }}
PORT = ${{ values.port }}
